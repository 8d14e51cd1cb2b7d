import type { LayerShare, PixelSize } from '../../benchmark/cost/network-cost.js';
import type { PackCost } from '../../benchmark/cost/pack-cost.js';

/** A module, or a part of one, as a line of the table. */
export interface CostRow {
  readonly part: string;
  readonly network: string;
  readonly per: 'image' | 'evaluation' | 'restoration' | 'run';
  readonly parameters: number | null;
  readonly macs: number;
  readonly macsPerPixel: number;
  readonly activationBytes: number | null;
  readonly tile: (PixelSize & { readonly count: number }) | null;
  /** Seconds over all tiles, where they were measured. */
  readonly seconds: number | null;
}

/** The operators of a part. */
export interface PartLayers {
  readonly part: string;
  readonly layers: readonly LayerShare[];
}

/**
 * The lines of a pack: its parts, both sums and the whole.
 * @param tileSeconds of each part on its largest tile.
 */
export function packRows(cost: PackCost, tileSeconds?: readonly number[]): CostRow[] {
  const pixels = cost.result.width * cost.result.height;
  const parts = cost.parts.map((part, index): CostRow => {
    const { tile, network, macs, macsPerPixel, activationBytes, per, tileMacs } = part;
    const measured = tileSeconds?.[index];
    return {
      part: part.part === 'known' ? 'fusion (x_IR)' : part.part,
      ...{ network, per, macs, macsPerPixel, activationBytes, tile },
      parameters: part.part === 'known' ? null : cost.parameters[part.part],
      seconds: measured === undefined ? null : (measured * macs) / tileMacs,
    };
  });
  const secondsPer = (wanted: CostRow['per']): number | null =>
    tileSeconds === undefined
      ? null
      : parts.reduce((sum, { per, seconds }) => sum + (per === wanted ? (seconds ?? 0) : 0), 0);
  const [once, each] = [secondsPer('image'), secondsPer('evaluation')];
  const total = (part: string, per: CostRow['per'], macs: number, seconds: number | null) => ({
    ...{ part, network: '', per, parameters: null, macs, macsPerPixel: macs / pixels },
    ...{ activationBytes: null, tile: null, seconds },
  });
  return [
    ...parts,
    total('a: once', 'image', cost.once, once),
    total('b: each evaluation', 'evaluation', cost.perEvaluation, each),
    {
      ...total(
        `a + b x ${cost.evaluations}`,
        'restoration',
        cost.macs,
        once === null || each === null ? null : once + cost.evaluations * each,
      ),
      parameters: cost.parameters.total,
      activationBytes: cost.activationBytes,
    },
  ];
}
