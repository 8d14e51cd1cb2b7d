import type { GraphRunner } from '../../graph/graph-runner.js';
import { input, ParameterScope, type Value } from '../../graph/index.js';
import { buildDenoiser, requireFusionNetwork } from '../../networks/roles.js';
import { sizeOf } from '../../tensor/tensor.js';
import { EngineError } from '../../utils/errors.js';
import { isOnnx, nameOf, type Pack, type PackModule, taskOf } from '../index.js';
import { DEFAULT_FEATURE_BYTES } from '../memory/memory-plan.js';
import { moduleGraph, PackGraphs } from '../pack-graphs.js';
import { Estimator, RestoredParts } from '../tiled-networks.js';
import { layOutInput, layOutRegions, layOutResult, networkScale } from '../tiles/tile-settings.js';
import { rectangleOf, type Tile } from '../tiles/tiling.js';
import type { PixelSize } from './network-cost.js';

/**
 * The parts of a restoration: `restorer` and `known`, what the fusion network makes of x_IR alone,
 * are computed once for an image, `denoiser` and `fusion` at every evaluation.
 */
const partNames = ['restorer', 'known', 'denoiser', 'fusion'] as const;

export type PartName = (typeof partNames)[number];

/** Whether a part is computed once for an image or at every evaluation. */
export function timesOf(part: PartName): 'image' | 'evaluation' {
  return part === 'restorer' || part === 'known' ? 'image' : 'evaluation';
}

/** The parts that a pack has: a fusion network that is in one piece knows nothing beforehand. */
export function partsOf({ fusion }: Pack): PartName[] {
  return partNames.filter(
    (part) => part !== 'known' || requireFusionNetwork(fusion.network).split !== undefined,
  );
}

/** The module that a part belongs to. */
export function moduleOf(pack: Pack, part: PartName): PackModule {
  return pack[part === 'known' ? 'fusion' : part];
}

/** What messages call the network of a part. */
export function networkOf(pack: Pack, part: PartName): string {
  return nameOf(moduleOf(pack, part));
}

/** The graph of a part for a tile; `undefined` for ONNX files, which have none here. */
export function partGraph(
  pack: Pack,
  part: PartName,
  height: number,
  width: number,
): Value | undefined {
  const module = moduleOf(pack, part);
  if (isOnnx(module)) return undefined;
  if (part !== 'denoiser') {
    const kind = ({ restorer: 'restore', known: 'precompute', fusion: 'fuse' } as const)[part];
    return moduleGraph(pack, kind, height, width).output;
  }
  const { network, config } = module;
  const noisy = input('noisy', [1, 3, height, width]);
  const sigma = input('sigma', [1, 1, 1, 1]);
  return buildDenoiser(network, config, new ParameterScope(), noisy, sigma);
}

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

/** A runner for graphs that are counted and never run. */
const uncompiled: GraphRunner = {
  device: { requested: 'none', effective: 'none', threads: 0, runtime: 'none' },
  compile: async (key) => {
    throw new EngineError(key, 'is counted only, and cannot run');
  },
  checkpoint: async () => undefined,
  dispose: async () => undefined,
};
