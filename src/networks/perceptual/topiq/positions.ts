import { type ParameterScope, type Value, concat, constant, expand, matmul, transpose } from '../../../graph/index.js';
import { cubicWeights } from './axis-weights.js';
import { tokensOf } from './tokens.js';

/** Rows and columns of the grid that positions are learned on. */
const GRID = 32;

/**
 * A learned position for every cell of a grid, [1, height width, channels]: half the channels
 * follow from the row, the others from the column, each interpolated from 32 places.
 */
export function positions(
  scope: ParameterScope,
  channels: number,
  [height, width]: readonly [number, number],
): Value {
  const half = channels / 2;
  const initial = { kind: 'normal', deviation: 0.02 } as const;
  const rows = scope.parameter('h_emb', [1, half, GRID, 1], initial);
  const columns = scope.parameter('w_emb', [1, half, 1, GRID], initial);
  const weights = (to: number): Value => constant(cubicWeights(GRID, to));
  const byRow = matmul(weights(height), rows);
  const byColumn = matmul(columns, transpose(weights(width), [1, 0]));
  const shape = [1, half, height, width];
  return tokensOf(concat([expand(byRow, shape), expand(byColumn, shape)], 1));
}
