import { type Value, constant, matmul } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';

/** How much a value counts at a distance in places of the coarser grid. */
type Filter = (distance: number) => number;

const triangle: Filter = (distance) => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic with a = -0.75. */
const cubic: Filter = (distance) => {
  const x = Math.abs(distance);
  if (x >= 2) return 0;
  if (x >= 1) return -0.75 * (((x - 5) * x + 8) * x - 4);
  return (1.25 * x - 2.25) * x * x + 1;
};

/** Pictures [N, H, W] reduced to height x width by a triangle as wide as two new pixels. */
export function reduce(x: Value, height: number, width: number): Value {
  return resample(x, height, width, triangle, 1);
}

/** Pictures [N, H, W] enlarged to height x width by a cubic. */
export function enlarge(x: Value, height: number, width: number): Value {
  return resample(x, height, width, cubic, 2);
}

function resample(x: Value, height: number, width: number, filter: Filter, reach: number): Value {
  const [rows, columns] = x.shape.slice(1) as [number, number];
  const down = constant(tensor([height, rows], weights(rows, height, filter, reach)));
  const across = weights(columns, width, filter, reach);
  const turned = tensor([columns, width]);
  for (let to = 0; to < width; to++)
    for (let from = 0; from < columns; from++)
      turned.data[from * width + to] = across[to * columns + from]!;
  return matmul(matmul(down, x), constant(turned));
}

/** [to, from]: rows that sum to 1; the border goes on outside. */
function weights(from: number, to: number, filter: Filter, reach: number): Float32Array {
  const step = from / to;
  const stretch = Math.max(step, 1);
  const result = new Float32Array(to * from);
  for (let row = 0; row < to; row++) {
    const centre = (row + 0.5) * step - 0.5;
    const first = Math.ceil(centre - reach * stretch);
    const last = Math.floor(centre + reach * stretch);
    let sum = 0;
    for (let at = first; at <= last; at++) sum += filter((at - centre) / stretch);
    for (let at = first; at <= last; at++) {
      const inside = Math.min(Math.max(at, 0), from - 1);
      result[row * from + inside]! += filter((at - centre) / stretch) / sum;
    }
  }
  return result;
}
