import { LimitError, ParameterError } from '../../utils/errors.js';
import { REGION_SIDE, WHOLE_IMAGE_PIXELS } from '../../utils/limits.js';
import type { GraphKind, PackGraphs } from '../pack-graphs.js';
import { isOnnx } from '../pack-module.js';
import type { Restoration } from '../restore.js';
import { taskOf } from '../tasks.js';
import { DEFAULT_CACHE_BYTES } from '../tiled-networks.js';
import {
  evaluationSettings,
  layOutRegions,
  leastTile,
  type Regions,
  restorerSettings,
} from '../tiles/tile-settings.js';
import {
  layOut,
  rectangleOf,
  type SideSettings,
  type Tile,
  type TileSettings,
} from '../tiles/tiling.js';

/** Default size in bytes of the cache of features between steps. */
export const DEFAULT_FEATURE_BYTES = 512 * 2 ** 20;

/** What a restoration is asked for, as far as its memory depends on it. */
export interface MemoryRequest extends Assembly {
  /** Bytes for the whole of it; default: no bound. */
  readonly memory?: number | undefined;
  readonly tile?: number | undefined;
  readonly region?: number | undefined;
  readonly featureBytes?: number | undefined;
  readonly steps: number;
}

/** How a restoration is cut, and what it may cache. */
export interface MemoryPlan {
  readonly tile: number;
  readonly layout: Regions;
  /** Cache of the fusion network's features of the restored image. */
  readonly featureBytes: number;
  /** Cache of tiles of the restoration network that several regions need. */
  readonly cachedBytes: number;
  /** Compiled graphs of earlier restorations, in their ONNX form; undefined: all of them. */
  readonly graphBytes?: number;
}

/** Sides to try when memory is short, as shares of the largest. */
const SHARES = [1, 3 / 4, 1 / 2, 3 / 8, 1 / 4, 3 / 16, 1 / 8, 1 / 16];
const STEP = 64;
/** What a compiled graph takes for each byte of its ONNX form: weights as given and as kernels want them. */
const COMPILED_FACTOR = 2;

/**
 * Tile size, regions and caches within a bound on memory. Without one, or where everything
 * fits, they follow from pack and size alone. Otherwise tiles and regions become smaller as long as
 * that changes no byte of the result: tiles of networks whose margins cover their receptive field,
 * and regions whose margins cover the chain. Sizes that the caller gave are not changed.
 * @throws LimitError where nothing of that kind fits; it names what would.
 */
export function planMemory(
  restoration: Restoration,
  graphs: PackGraphs,
  request: MemoryRequest,
): MemoryPlan {
  const { pack, input, scale } = restoration;
  const { memory, steps, tile = pack.manifest.tile } = request;
  const size = { height: input.height * scale, width: input.width * scale };
  const own = layOutRegions(pack, size, steps, request.region);
  const featureBytes = request.featureBytes ?? DEFAULT_FEATURE_BYTES;
  if (memory === undefined)
    return { tile, layout: own, featureBytes, cachedBytes: DEFAULT_CACHE_BYTES };
  if (!(memory > 0)) throw new ParameterError('memory', 'a positive number of bytes', memory);

  const tiles =
    request.tile === undefined && tilesAreExact(restoration) ? sidesBelow(tile) : [tile];
  const layouts =
    request.region === undefined && own.exact ? smallerRegions(restoration, steps, own) : [own];
  const choices = layouts.flatMap((layout) =>
    tiles.filter((side) => fits(restoration, side)).map((side) => ({ tile: side, layout })),
  );
  const need = ({ tile: side, layout }: (typeof choices)[number]): number =>
    estimateMemory(restoration, graphs, { ...request, tile: side, regions: layout.parts });
  const overhead = overheadOf(restoration, size);
  const [first, ...others] = choices;
  const inOrder = [first!, ...others.sort((a, b) => overhead(a) - overhead(b))];
  const found = inOrder.find((choice) => need(choice) <= memory);
  if (found === undefined) {
    const least = Math.min(...choices.map(need));
    throw tooLittle(memory, least, adviceFor(restoration, graphs, request, own));
  }
  const left = memory - need(found);
  return {
    ...found,
    featureBytes: Math.min(featureBytes, Math.floor(left / 2)),
    cachedBytes: Math.min(DEFAULT_CACHE_BYTES, Math.floor(left / 4)),
    graphBytes: Math.floor(left / 4 / COMPILED_FACTOR),
  };
}

/** Whether smaller tiles give the same bytes: those of moved bursts never do. */
export function tilesAreExact({ pack, reduction }: Restoration): boolean {
  if (taskOf(pack.manifest.task).input.name === 'burst') return false;
  return [restorerSettings(pack, 1, reduction), evaluationSettings(pack, 1)].every(
    ({ rows }) => rows.ramp === 0 && rows.sameSize !== true,
  );
}

function sidesBelow(largest: number): number[] {
  const sides = SHARES.map((share) => Math.floor((largest * share) / STEP) * STEP);
  return [largest, ...sides.filter((side) => side > 0 && side < largest)];
}

function fits({ pack, input, scale, reduction }: Restoration, tile: number): boolean {
  return tile >= Math.min(leastTile(pack, reduction), scale * Math.max(input.height, input.width));
}

function smallerRegions({ pack, input, scale }: Restoration, steps: number, own: Regions) {
  const size = { height: input.height * scale, width: input.width * scale };
  const largest = Math.min(REGION_SIDE, Math.max(size.height, size.width));
  const layouts: Regions[] = [own];
  for (const side of sidesBelow(largest)) {
    try {
      const layout = layOutRegions(pack, size, steps, side);
      if (layout.exact && layout.parts.length > own.parts.length) layouts.push(layout);
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
    }
  }
  return layouts;
}

/** What margins cost: pixels that are computed for each of the result. */
function overheadOf({ pack }: Restoration, { height, width }: { height: number; width: number }) {
  const { margin } = evaluationSettings(pack, 1).rows;
  return ({ tile, layout }: Pick<MemoryPlan, 'tile' | 'layout'>): number => {
    const covered = layout.parts.reduce(
      (sum, { rows, columns }) => sum + rows.length * columns.length,
      0,
    );
    const inner = Math.max(1, tile - 2 * margin);
    return (covered / (height * width)) * (tile / inner) ** 2;
  };
}

function tooLittle(memory: number, least: number, advice: string): LimitError {
  const needed = `${mebibytes(Math.ceil(least / 2 ** 20))} are needed`;
  return new LimitError(
    'memory',
    `${needed} and ${mebibytes(Math.floor(memory / 2 ** 20))} allowed; allow more with \`memory\`${advice}`,
    { code: 'memory-limit', expected: `at least ${least} bytes`, received: `${memory} bytes` },
  );
}

function mebibytes(count: number): string {
  return `${count} MiB`;
}

/** Tiles or regions that would fit at the price of other bytes; nothing where none would. */
function adviceFor(
  restoration: Restoration,
  graphs: PackGraphs,
  request: MemoryRequest,
  own: Regions,
): string {
  const { pack, input, scale } = restoration;
  const { memory, tile = pack.manifest.tile, steps } = request;
  const size = { height: input.height * scale, width: input.width * scale };
  const fitting = (side: number, regions: Regions): boolean =>
    estimateMemory(restoration, graphs, { ...request, tile: side, regions: regions.parts }) <=
    memory!;
  const sides = sidesBelow(tile).filter((side) => fits(restoration, side));
  const side = sides.find((own_) => fitting(own_, own));
  if (side !== undefined) return `, or ask for \`tile\` ${side}, which changes the layout of tiles`;
  for (const region of sidesBelow(Math.min(REGION_SIDE, Math.max(size.height, size.width))))
    for (const smaller of sides) {
      const regions = tryRegions(() => layOutRegions(pack, size, steps, region));
      if (regions !== undefined && fitting(smaller, regions))
        return `, or ask for \`tile\` ${smaller} and \`region\` ${region}, which changes the layout`;
    }
  return '';
}

function tryRegions(make: () => Regions): Regions | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ParameterError) return undefined;
    throw error;
  }
}

/** A process that has loaded the runtime and the decoders. */
const PROCESS_BYTES = 256 * 2 ** 20;
/** What an engine takes of a tile for each byte of results that live at the same time. */
const ENGINE_FACTOR = 2;
/** Rough bytes that an ONNX module takes for each pixel of its input, as it does not tell. */
const ROUGH_BYTES = 2048;
/** Copies of the weights: as read, and in sessions of the shapes of tiles. */
const WEIGHT_COPIES = 4;
/** x_t in double, its estimate, x_IR and a copy of one of them in single precision. */
const CHAIN_BYTES = 3 * (8 + 4 + 4 + 4);
/** A sample that the next one does not overwrite, mean and squares, and the deviation, once as an image. */
const SAMPLE_BYTES = 3 * (4 + 4 + 4) + (1 + 3) * 4;
/** The projection onto consistent images: its copies, and the consistent x_IR that `detail` blends. */
const CONSISTENT_BYTES = 3 * (4 + 4 + 4 + 4);
/** Rows of a result that are handed on at once, as values, samples and compressed, and those before. */
const HANDED_BYTES = 256 * 40;

/** Bytes per pixel of a result that is encoded in one piece. */
const COLLECTED_BYTES = 12;

/** What is made of the finished regions of a result. */
export interface Assembly {
  /** Chains of each region; default 1. */
  readonly samples?: number | undefined;
  /** Images that are put together of regions at the same time; default 1. */
  readonly images?: number | undefined;
  /** Whether they are held whole until their end; default: those of up to 2^25 pixels. */
  readonly collected?: boolean | undefined;
  /** Whether results are made consistent with the input; default false. */
  readonly isConsistent?: boolean | undefined;
  /** Whether rows of the images are columns of the regions; default false. */
  readonly transposed?: boolean | undefined;
}

/** What goes through the networks at once, and through the chain. */
export interface Pieces extends Assembly {
  /** Largest side of a tile in pixels of the networks' output. */
  readonly tile: number;
  /** Regions of the result. */
  readonly regions: readonly Tile[];
}

/**
 * Estimates the bytes that a restoration needs besides its caches: the process, the weights, the input if
 * it is in memory, the working memory of the networks on the largest tile, the chain of the largest
 * region, and the rows that wait for regions to come.
 * @throws ParameterError where margins use up the tile.
 */
export function estimateMemory(
  { pack, input, scale, reduction }: Restoration,
  graphs: PackGraphs,
  { tile, regions, samples = 1, images = 1, transposed = false, ...more }: Pieces,
): number {
  const [height, width] = [input.height * scale, input.width * scale];
  const { collected = height * width <= WHOLE_IMAGE_PIXELS, isConsistent = false } = more;
  const extents = regions.map(rectangleOf);
  const rows = Math.max(...extents.map((region) => region.height));
  const columns = Math.max(...extents.map((region) => region.width));
  const inputTile = largestTile(input, restorerSettings(pack, tile, reduction));
  const resultTile = largestTile({ height: rows, width: columns }, evaluationSettings(pack, tile));
  const engine = Math.max(
    engineBytes(graphs, 'restore', inputTile),
    engineBytes(graphs, 'evaluate', resultTile),
    graphs.hasKnownPart ? engineBytes(graphs, 'precompute', resultTile) : 0,
  );
  const isWhole = rows === height && columns === width;
  const [deep, wide] = transposed ? [columns, height] : [rows, width];
  const window = isWhole ? 0 : 12 * deep * wide;
  const turned = transposed ? 12 * rows * columns : 0;
  const held = collected ? COLLECTED_BYTES * height * width : 0;
  return (
    PROCESS_BYTES +
    WEIGHT_COPIES * weightBytes(pack) +
    (input.heldBytes ?? 0) +
    engine +
    (CHAIN_BYTES + (samples > 1 ? SAMPLE_BYTES : 0)) * rows * columns +
    (isConsistent ? CONSISTENT_BYTES * rows * columns : 0) +
    turned +
    HANDED_BYTES * wide +
    images * (window + held)
  );
}

function engineBytes(graphs: PackGraphs, kind: GraphKind, { height, width }: Extent): number {
  const peak = graphs.peakBytes(kind, height, width);
  return peak === undefined ? ROUGH_BYTES * height * width : ENGINE_FACTOR * peak;
}

/** Bytes of the weights of a pack as they were read. */
export function weightBytes({ restorer, denoiser, fusion }: Restoration['pack']): number {
  return [restorer, denoiser, fusion].reduce(
    (sum, module) =>
      sum +
      (isOnnx(module)
        ? module.file.bytes.byteLength
        : [...module.weights.values()].reduce((own, { data }) => own + data.byteLength, 0)),
    0,
  );
}

interface Extent {
  readonly height: number;
  readonly width: number;
}

/** The longest spans along both sides. */
function largestTile({ height, width }: Extent, { rows, columns }: SideSettings): Extent {
  const longest = (extent: number, settings: TileSettings): number =>
    Math.max(...layOut(extent, settings).map(({ length }) => length));
  return { height: longest(height, rows), width: longest(width, columns) };
}
