import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cutTile, type Tile } from '../tiling.js';
import { furthestMove, inverseMotion, placeInFrame, type RigidMotion } from './rigid-motion.js';

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
