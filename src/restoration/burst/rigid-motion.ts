import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cutTile, type Tile } from '../tiles/tiling.js';

/**
 * Where a frame shows what the reference shows: frame(centre + turned(p - centre) + (x, y)) =
 * reference(p), about the middle of the image.
 */
export interface RigidMotion {
  /** Shift at the centre to the right and downwards, in packed pixels. */
  readonly x: number;
  readonly y: number;
  /** Radians, counter-clockwise as seen. */
  readonly turn: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export const STILL: RigidMotion = { x: 0, y: 0, turn: 0 };

/** Where a frame of a motion shows what lies at a place of the reference. */
export function placeInFrame(motion: RigidMotion, { height, width }: Size, place: Point): Point {
  const [u, v] = [place.x - (width - 1) / 2, place.y - (height - 1) / 2];
  const [cosine, sine] = [Math.cos(motion.turn), Math.sin(motion.turn)];
  return {
    x: (width - 1) / 2 + cosine * u + sine * v + motion.x,
    y: (height - 1) / 2 - sine * u + cosine * v + motion.y,
  };
}

/** The motion back: where the reference shows what lies at a place of the frame. */
export function inverseMotion({ x, y, turn }: RigidMotion): RigidMotion {
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  return { x: -(cosine * x - sine * y), y: -(sine * x + cosine * y), turn: -turn };
}

/** The furthest that any place of an image moves, which is one of its corners, in packed pixels. */
function furthestMove(motion: RigidMotion, size: Size): number {
  let furthest = 0;
  for (const y of [0, size.height - 1])
    for (const x of [0, size.width - 1]) {
      const found = placeInFrame(motion, size, { x, y });
      furthest = Math.max(furthest, Math.hypot(found.x - x, found.y - y));
    }
  return furthest;
}

/** Packed pixels: frames that move less everywhere are cut where they lie. */
const LITTLE = 2;

/** Whether a frame [4, height, width] has to be cut elsewhere than the reference. */
export function needsMove(motion: RigidMotion, [, height, width]: readonly number[]): boolean {
  return furthestMove(motion, { height: height!, width: width! }) >= LITTLE;
}

/**
 * The pixels [1, 4, rows, columns] of a moved frame for a tile of the reference: cut at the whole
 * offset nearest to the motion at the tile's centre, so that what is left is half a pixel there and
 * the turn over half the tile at its ends. Where the frame ends, the reference stands in, its
 * pixels nearest to what the frame would have shown: they bring no content of elsewhere into a mean.
 * @param frame [4, height, width] as the reference.
 */
export function cutMovedTile(
  frame: Tensor,
  reference: Tensor,
  tile: Tile,
  motion: RigidMotion,
): Tensor {
  const [, height, width] = frame.shape as [number, number, number];
  const { rows, columns } = tile;
  const size = { height, width };
  const centre = {
    x: columns.start + (columns.length - 1) / 2,
    y: rows.start + (rows.length - 1) / 2,
  };
  const found = placeInFrame(motion, size, centre);
  const [dx, dy] = [Math.round(found.x - centre.x), Math.round(found.y - centre.y)];
  if (dx === 0 && dy === 0) return cutTile(frame.data, [4, height, width], tile);
  const cut = tensor([1, 4, rows.length, columns.length]);
  const back = inverseMotion(motion);
  const area = rows.length * columns.length;
  let place = 0;
  for (let y = rows.start + dy; y < rows.start + rows.length + dy; y += 1)
    for (let x = columns.start + dx; x < columns.start + columns.length + dx; x += 1) {
      const inside = x >= 0 && y >= 0 && x < width && y < height;
      const { x: ownX, y: ownY } = inside ? { x, y } : placeInFrame(back, size, { x, y });
      const source = inside ? frame : reference;
      const from = nearest(ownY, height) * width + nearest(ownX, width);
      for (let plane = 0; plane < 4; plane += 1)
        cut.data[plane * area + place] = source.data[plane * height * width + from]!;
      place += 1;
    }
  return cut;
}

function nearest(place: number, extent: number): number {
  return Math.min(Math.max(Math.round(place), 0), extent - 1);
}
