import type { GraphKind } from '../module-graphs.js';
import type { PackGraphs } from '../pack-graphs.js';
import { isOnnx } from '../pack-module.js';
import type { Restoration } from '../restoration.js';
import { layOut, type TileSettings } from '../tile-layout.js';
import { evaluationSettings, restorerSettings } from '../tile-settings.js';
import { rectangleOf, type SideSettings, type Tile } from '../tiling.js';

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
/** A sample that the next one does not overwrite, mean and squares, and the deviation, once as a picture. */
const SAMPLE_BYTES = 3 * (4 + 4 + 4) + (1 + 3) * 4;
/** The projection onto consistent images: its copies, and the consistent x_IR that `detail` blends. */
const CONSISTENT_BYTES = 3 * (4 + 4 + 4 + 4);
/** Rows of a result that are handed on at once, as values, samples and compressed, and those before. */
const HANDED_BYTES = 256 * 40;

/** Results of no more pixels are encoded in one piece, of up to so many bytes for each pixel. */
const COLLECTED_PIXELS = 2 ** 25;
const COLLECTED_BYTES = 12;

/** What is made of the finished regions of a result. */
export interface Assembly {
  /** Chains of each region; default 1. */
  readonly samples?: number | undefined;
  /** Pictures that are put together of regions at the same time; default 1. */
  readonly pictures?: number | undefined;
  /** Whether they are held whole until their end; default: those of up to 2^25 pixels. */
  readonly collected?: boolean | undefined;
  /** Whether results are made consistent with the input; default false. */
  readonly isConsistent?: boolean | undefined;
  /** Whether rows of the pictures are columns of the regions; default false. */
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
 * Bytes that a restoration needs, besides what it may keep: the process, the weights, the input if
 * it is in memory, the working memory of the networks on the largest tile, the chain of the largest
 * region, and the rows that wait for regions to come.
 * @throws ParameterError where margins use up the tile.
 */
export function needOf(
  { pack, input, scale, reduction }: Restoration,
  graphs: PackGraphs,
  { tile, regions, samples = 1, pictures = 1, transposed = false, ...more }: Pieces,
): number {
  const [height, width] = [input.height * scale, input.width * scale];
  const { collected = height * width <= COLLECTED_PIXELS, isConsistent = false } = more;
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
    pictures * (window + held)
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
