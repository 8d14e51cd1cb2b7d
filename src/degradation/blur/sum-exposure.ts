import { kernelOf, movedRow, type Planes, type RowConvolver, rowConvolver } from './convolve.js';
import type { Region } from './moving-region.js';
import type { Exposure, Way } from './trajectory.js';

/** What an exposure sees. */
export interface Scene {
  /** The light of the whole image: what the regions show. */
  readonly image: Planes;
  /** The light behind the regions; the image itself where there are none. */
  readonly background: Planes;
  /** Regions that move independently, the rearmost first; each has its way in the exposure. */
  readonly regions: readonly Region[];
}

/**
 * Sums the scene over the instants of an exposure: at each of them the background and, in front of
 * it, every region where it has moved to.
 * @returns [C, H, W] in the order of the planes.
 */
export function sumExposure(scene: Scene, exposure: Exposure): Float32Array {
  const { count, height, width } = scene.background;
  const result = new Float32Array(count * height * width);
  for (const tile of blurTiles(exposure, height, width)) sumTile(scene, exposure, tile, result);
  return result;
}

function sumTile(scene: Scene, exposure: Exposure, tile: BlurTile, result: Float32Array): void {
  const { image, background, regions } = scene;
  const { count, height, width } = background;
  const { weights } = exposure;
  const kernel = (way: Way) => kernelOf(way, weights);
  const still = rowConvolver(background, kernel(tile.camera));
  const layers: Layer[] = regions.flatMap((region, index) => {
    const way = joined(tile.camera, exposure.objects[index]!);
    const reach = Math.ceil(farthest(way)) + 1;
    const left = Math.max(tile.left, region.left - reach);
    const right = Math.min(tile.right, region.right + reach);
    const top = Math.max(tile.top, region.top - reach);
    const bottom = Math.min(tile.bottom, region.bottom + reach);
    if (left >= right || top >= bottom) return [];
    const regionKernel = kernel(way);
    const covered = rowConvolver(region.cover, regionKernel);
    const alone = rowConvolver(image, regionKernel);
    return [{ cover: region.cover, way, left, right, top, bottom, covered, alone }];
  });
  const compose = rowComposer(image, background, tile.camera, weights);
  const sums = new Float64Array(tile.right - tile.left);
  const write = (plane: number, y: number, left: number, right: number, sum: RowConvolver) => {
    sums.fill(0, 0, right - left);
    sum(plane, y, left, right, sums);
    const to = (plane * height + y) * width + left;
    for (let at = 0; at < right - left; at++) result[to + at] = sums[at]!;
  };
  for (let y = tile.top; y < tile.bottom; y++) {
    const touching = layers.filter(({ top, bottom }) => y >= top && y < bottom);
    const pieces = touching.length === 0 ? [] : splitRow(touching, tile, y);
    if (pieces.length === 0) pieces.push({ left: tile.left, right: tile.right, visible: 0 });
    for (const { left, right, visible } of pieces) {
      if (visible === 0) for (let p = 0; p < count; p++) write(p, y, left, right, still);
      else if (visible >= alone)
        for (let p = 0; p < count; p++) write(p, y, left, right, touching[visible - alone]!.alone);
      else
        compose(
          touching.filter((_, at) => (visible >> at) & 1),
          y,
          left,
          right,
          result,
        );
    }
  }
}

// Marks a piece in which one layer hides all else during the whole exposure.
const alone = 1 << 20;

interface Piece {
  readonly left: number;
  readonly right: number;
  /** Bits of the layers seen at some instant, or `alone` plus the number of the only one. */
  readonly visible: number;
}

/** Cuts a row where other layers come into sight. */
function splitRow(layers: readonly Layer[], tile: BlurTile, y: number): Piece[] {
  const visible = new Int32Array(tile.right - tile.left);
  const sums = new Float64Array(tile.right - tile.left);
  layers.forEach(({ left, right, covered }, index) => {
    sums.fill(0, 0, right - left);
    covered(0, y, left, right, sums);
    for (let at = 0; at < right - left; at++) {
      const pixel = left + at - tile.left;
      if (sums[at]! > 1 - 1e-9) visible[pixel] = alone + index;
      else if (sums[at]! > 0)
        visible[pixel] =
          (visible[pixel]! >= alone ? 1 << (visible[pixel]! - alone) : visible[pixel]!) |
          (1 << index);
    }
  });
  const pieces: Piece[] = [];
  for (let from = 0, at = 1; at <= visible.length; at++)
    if (at === visible.length || visible[at] !== visible[from]) {
      pieces.push({ left: tile.left + from, right: tile.left + at, visible: visible[from]! });
      from = at;
    }
  return pieces;
}

/** A region in motion, and the pixels of a tile that it may touch; right and bottom exclusive. */
export interface Layer {
  readonly cover: Planes;
  readonly way: Way;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  /** How much of a pixel it covers on average. */
  readonly covered: RowConvolver;
  /** The image where it covers all. */
  readonly alone: RowConvolver;
}

/** Writes the pixels [left, right) of row y of all planes to an image without border. */
type RowComposer = (
  layers: readonly Layer[],
  y: number,
  left: number,
  right: number,
  result: Float32Array,
) => void;

/** Puts layers in front of the background at every instant, and sums the instants. */
function rowComposer(
  image: Planes,
  background: Planes,
  camera: Way,
  weights: Float64Array,
): RowComposer {
  const { count, height, width } = background;
  const sums = Array.from({ length: count }, () => new Float64Array(width));
  const rows = sums.map(() => new Float64Array(width));
  const cover = new Float64Array(width);
  const shown = new Float64Array(width);
  return (layers, y, left, right, result) => {
    const length = right - left;
    for (const sum of sums) sum.fill(0, 0, length);
    for (let at = 0; at < weights.length; at++) {
      for (let plane = 0; plane < count; plane++)
        movedRow(background, plane, y, left, right, camera.x[at]!, camera.y[at]!, rows[plane]!);
      for (const { cover: mask, way } of layers) {
        const x = way.x[at]!;
        const down = way.y[at]!;
        movedRow(mask, 0, y, left, right, x, down, cover);
        if (isClear(cover, length)) continue;
        for (let plane = 0; plane < count; plane++) {
          movedRow(image, plane, y, left, right, x, down, shown);
          const row = rows[plane]!;
          for (let i = 0; i < length; i++) row[i] = row[i]! + cover[i]! * (shown[i]! - row[i]!);
        }
      }
      const weight = weights[at]!;
      for (let plane = 0; plane < count; plane++) {
        const row = rows[plane]!;
        const sum = sums[plane]!;
        for (let i = 0; i < length; i++) sum[i]! += weight * row[i]!;
      }
    }
    for (let plane = 0; plane < count; plane++) {
      const to = (plane * height + y) * width + left;
      const sum = sums[plane]!;
      for (let i = 0; i < length; i++) result[to + i] = sum[i]!;
    }
  };
}

function isClear(cover: Float64Array, length: number): boolean {
  for (let at = 0; at < length; at++) if (cover[at] !== 0) return false;
  return true;
}

/** A rectangle of an image in which everything moves alike; right and bottom exclusive. */
interface BlurTile {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** Where the scene's points have moved at every instant, in pixels. */
  readonly camera: Way;
}

// Within a tile a turn is taken for the shift of the tile's centre, with an error below this.
const largestError = 0.1;
const smallestTile = 8;

/**
 * Tiles so small that within each the turn about the image's centre is a shift, up to 1/10 pixel.
 * Without a turn there is one tile.
 */
function* blurTiles(exposure: Exposure, height: number, width: number): Generator<BlurTile> {
  const { x, y, angle } = exposure;
  const turn = angle.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
  const side = Math.max(smallestTile, Math.floor((2 * largestError) / turn));
  const rows = Math.max(1, Math.ceil(height / side));
  const columns = Math.max(1, Math.ceil(width / side));
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.floor(((column + 1) * width) / columns);
      const top = Math.floor((row * height) / rows);
      const bottom = Math.floor(((row + 1) * height) / rows);
      const fromCentreX = (left + right - width) / 2;
      const fromCentreY = (top + bottom - height) / 2;
      const camera = {
        x: x.map((shift, at) => shift - angle[at]! * fromCentreY),
        y: y.map((shift, at) => shift + angle[at]! * fromCentreX),
      };
      yield { left, top, right, bottom, camera };
    }
}

/** What moves along both ways at once. */
export function joined(first: Way, second: Way): Way {
  return {
    x: first.x.map((shift, at) => shift + second.x[at]!),
    y: first.y.map((shift, at) => shift + second.y[at]!),
  };
}

/** The largest shift along either axis. */
export function farthest({ x, y }: Way): number {
  let reach = 0;
  for (let at = 0; at < x.length; at++) reach = Math.max(reach, Math.abs(x[at]!), Math.abs(y[at]!));
  return reach;
}
