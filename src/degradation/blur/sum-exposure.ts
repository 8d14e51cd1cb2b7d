import { type Layer, rowComposer } from './compose.js';
import { type RowConvolver, rowConvolver } from './convolve.js';
import type { Exposure, Way } from './exposure.js';
import { kernelOf } from './kernel.js';
import type { Planes } from './planes.js';
import type { Region } from './region.js';
import { type BlurTile, blurTiles, farthest, joined } from './tiles.js';

/** What an exposure sees. */
export interface Scene {
  /** The light of the whole picture: what the regions show. */
  readonly picture: Planes;
  /** The light behind the regions; the picture itself where there are none. */
  readonly background: Planes;
  /** Regions that move on their own, the rearmost first; each has its way in the exposure. */
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
  const { picture, background, regions } = scene;
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
    const own = kernel(way);
    const covered = rowConvolver(region.cover, own);
    const alone = rowConvolver(picture, own);
    return [{ cover: region.cover, way, left, right, top, bottom, covered, alone }];
  });
  const compose = rowComposer(picture, background, tile.camera, weights);
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
      const place = left + at - tile.left;
      if (sums[at]! > 1 - 1e-9) visible[place] = alone + index;
      else if (sums[at]! > 0)
        visible[place] =
          (visible[place]! >= alone ? 1 << (visible[place]! - alone) : visible[place]!) |
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
