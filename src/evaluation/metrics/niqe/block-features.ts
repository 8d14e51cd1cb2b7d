import { copyWindow, type Rectangle } from '../../../tensor/window.js';
import { fitAggd } from './aggd.js';
import { halve } from './halve.js';
import { normalisedPlane } from './normalised-plane.js';

/** Side of the blocks at full size. */
export const BLOCK_SIZE = 96;
/** Numbers that describe a block: 18 at each of two scales. */
export const FEATURES = 36;

/** A block of a picture as NIQE describes it. */
export interface BlockFeatures {
  /** FEATURES numbers; undefined where the block has no texture whose distribution could be fitted. */
  readonly features: Float64Array | undefined;
  /** Mean of the local standard deviation at full size. */
  readonly sharpness: number;
}

/** Neighbours whose products are described: to the right, below, and along both diagonals. */
const neighbours = [
  [0, 1],
  [1, 0],
  [1, 1],
  [1, -1],
] as const;

/**
 * The features of every whole block of a luma plane on the scale 0..255, from the top left corner;
 * pixels beyond the last whole block are left out before anything else (Mittal et al. 2013).
 */
export function blockFeatures(plane: Float64Array, height: number, width: number): BlockFeatures[] {
  const [down, across] = [Math.floor(height / BLOCK_SIZE), Math.floor(width / BLOCK_SIZE)];
  const [rows, columns] = [down * BLOCK_SIZE, across * BLOCK_SIZE];
  const whole = cut(plane, width, { left: 0, top: 0, width: columns, height: rows });
  const full = normalisedPlane(whole, rows, columns);
  const half = normalisedPlane(halve(whole, rows, columns), rows / 2, columns / 2);
  const blocks: BlockFeatures[] = [];
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++) {
      const block = (values: Float64Array, scale: 1 | 2): Float64Array => {
        const side = BLOCK_SIZE / scale;
        const place = { left: column * side, top: row * side, width: side, height: side };
        return cut(values, columns / scale, place);
      };
      const deviations = block(full.deviations, 1);
      const parts = [
        scaleFeatures(block(full.coefficients, 1), BLOCK_SIZE),
        scaleFeatures(block(half.coefficients, 2), BLOCK_SIZE / 2),
      ];
      blocks.push({
        features: parts.some((part) => part === undefined)
          ? undefined
          : Float64Array.from(parts.flatMap((part) => part!)),
        sharpness: deviations.reduce((sum, value) => sum + value, 0) / deviations.length,
      });
    }
  return blocks;
}

/** Shape and mean scale of the coefficients, then shape, mean and both scales of four products. */
function scaleFeatures(block: Float64Array, side: number): number[] | undefined {
  const own = fitAggd(block);
  if (own === undefined) return undefined;
  const features = [own.shape, (own.left + own.right) / 2];
  for (const [down, across] of neighbours) {
    const fit = fitAggd(productsWithNeighbours(block, side, down, across));
    if (fit === undefined) return undefined;
    features.push(fit.shape, fit.mean, fit.left, fit.right);
  }
  return features;
}

/** Each coefficient times the one `down` rows above and `across` columns before it, cyclically. */
function productsWithNeighbours(
  block: Float64Array,
  side: number,
  down: number,
  across: number,
): Float64Array {
  const products = new Float64Array(block.length);
  for (let row = 0; row < side; row++) {
    const other = ((row - down + side) % side) * side;
    for (let column = 0; column < side; column++)
      products[row * side + column] =
        block[row * side + column]! * block[other + ((column - across + side) % side)]!;
  }
  return products;
}

function cut(plane: Float64Array, width: number, place: Rectangle): Float64Array {
  const size = [1, plane.length / width, width] as const;
  return copyWindow(plane, size, place, new Float64Array(place.width * place.height));
}
