import { Estimator } from '../../restoration/estimator.js';
import type { Pack } from '../../restoration/index.js';
import { taskOf } from '../../restoration/index.js';
import { DEFAULT_FEATURE_BYTES } from '../../restoration/memory/plan-memory.js';
import { PackGraphs } from '../../restoration/pack-graphs.js';
import { layOutRegions } from '../../restoration/region-layout.js';
import { RestoredParts } from '../../restoration/restored-parts.js';
import { layOutInput, layOutResult, networkScale } from '../../restoration/tile-settings.js';
import { rectangleOf, type Tile } from '../../restoration/tiling.js';
import { sizeOf } from '../../tensor/tensor.js';
import type { PixelSize } from './network-cost.js';
import type { PartName } from './pack-parts.js';
import { uncompiled } from './uncompiled.js';

/** Multiply-adds of the parts, over all tiles, and what the tiles are. */
export interface PackWork {
  readonly macs: Readonly<Record<PartName, number>>;
  /** Of what fusion networks know of x_IR and is too large to be kept: at every evaluation again. */
  readonly knownAgain: number;
  /** Largest tile of restorer (in places of its grid) and of the other networks, and how many. */
  readonly tiles: Readonly<Record<'restorer' | 'evaluation', PartTiles>>;
  /** Multiply-adds of each part on the largest tile. */
  readonly tileMacs: Readonly<Record<PartName, number>>;
  readonly regions: number;
  readonly isRough: boolean;
}

/** Tiles of a network. */
export interface PartTiles extends PixelSize {
  readonly count: number;
}

/**
 * The work of a restoration as it is cut into regions and tiles.
 * @param places of the restoration network's grid.
 * @throws ParameterError for a tile that margins use up.
 */
export function packWork(pack: Pack, places: PixelSize, steps: number, tile: number): PackWork {
  const { input: kind } = taskOf(pack.manifest.task);
  const scale = networkScale(pack);
  const result = { width: places.width * scale, height: places.height * scale };
  const graphs = new PackGraphs(pack, uncompiled);
  const regions = layOutRegions(pack, result, steps).parts;
  const restored = new RestoredParts(
    { pack, input: counted(places), scale: pack.manifest.scale * kind.cell, reduction: 1 },
    graphs,
    regions.map(rectangleOf),
    tile,
  );
  const macs = { restorer: restored.macs, known: 0, denoiser: 0, fusion: 0 };
  let knownAgain = 0;
  const tiles: Tile[] = [];
  for (const region of regions) {
    const own = layOutResult(pack, { ...sizeOfTile(region), tile });
    tiles.push(...own);
    const estimator = new Estimator(graphs, own, DEFAULT_FEATURE_BYTES);
    const evaluation = sum(own, (each) => graphs.facts('evaluate', each).macs);
    const fusion = sum(own, (each) => graphs.facts('fuse', each).macs);
    macs.denoiser += evaluation - fusion;
    macs.fusion += fusion;
    const again = estimator.macs(2) - estimator.macs(1) - evaluation;
    knownAgain += again;
    macs.known += estimator.macs(1) - evaluation - again;
  }
  const restorerTiles = layOutInput(pack, { ...places, tile });
  const [inputTile, resultTile] = [largest(restorerTiles), largest(tiles)];
  const evaluation = graphs.facts('evaluate', resultTile).macs;
  const fusion = graphs.facts('fuse', resultTile).macs;
  return {
    macs,
    knownAgain,
    tiles: {
      restorer: { ...sizeOfTile(inputTile), count: restorerTiles.length },
      evaluation: { ...sizeOfTile(resultTile), count: tiles.length },
    },
    tileMacs: {
      restorer: graphs.facts('restore', inputTile).macs,
      known: graphs.hasKnownPart ? graphs.facts('precompute', resultTile).macs : 0,
      denoiser: evaluation - fusion,
      fusion,
    },
    regions: regions.length,
    isRough: graphs.isRough,
  };
}

function sum(tiles: readonly Tile[], of: (tile: Tile) => number): number {
  return tiles.reduce((total, tile) => total + of(tile), 0);
}

function sizeOfTile({ rows, columns }: Tile): PixelSize {
  return { width: columns.length, height: rows.length };
}

function largest(tiles: readonly Tile[]): Tile {
  const area = (tile: Tile): number => sizeOf([tile.rows.length, tile.columns.length]);
  return tiles.reduce((most, tile) => (area(tile) > area(most) ? tile : most));
}

/** An input of which only the size counts. */
function counted({ width, height }: PixelSize) {
  const refuse = (): never => {
    throw new Error('an input that is counted only has no pixels');
  };
  return { width, height, cut: refuse, finish: refuse };
}
