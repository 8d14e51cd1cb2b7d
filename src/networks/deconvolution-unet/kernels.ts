import {
  add,
  cast,
  concat,
  constant,
  cos,
  div,
  greater,
  matmul,
  maxPool2d,
  mul,
  reduceMax,
  reduceSum,
  relu,
  reshape,
  scalar,
  sign,
  sin,
  sub,
  transpose,
  type Value,
} from '../../graph/index.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cubic, interpolationWeights, triangle } from '../resampling.js';
import type { Area } from './fourier.js';

/** Keeps a quotient finite where a kernel is 0 everywhere. */
const TINY = 1e-9;

/** Sample positions of a kernel of size x size; its middle is 0. */
export function aroundOrigin(size: number): Area {
  const span = { first: -Math.floor(size / 2), count: size };
  return { rows: span, columns: span };
}

/** Half of the light stays, half moves by one pixel: [count, size, size]. */
export function firstKernels(count: number, size: number): Value {
  const kernels = tensor([count, size, size]);
  const middle = Math.floor(size / 2);
  for (let at = 0; at < count; at++)
    kernels.data.fill(
      0.5,
      (at * size + middle) * size + middle - 1,
      (at * size + middle) * size + middle + 1,
    );
  return constant(kernels);
}

/**
 * Of estimates [N, s, s] what a kernel can be: the entries above a part of the largest that hang
 * together with it, scaled to the sum 1.
 * @param threshold [N, 1, 1].
 */
export function pruned(estimates: Value, threshold: Value): Value {
  const [batch, size] = estimates.shape as [number, number];
  const light = relu(estimates);
  const peak = reduceMax(light, [1, 2], true);
  const strong = mul(light, mask(light, mul(peak, threshold)));
  const present = reshape(mask(strong, scalar(0)), [batch, 1, size, size]);
  const nearlyOne = scalar(1 - 1e-6);
  let reached = reshape(mask(strong, mul(peak, nearlyOne)), [batch, 1, size, size]);
  for (let step = 0; step < Math.ceil(size / 2); step++)
    reached = mul(maxPool2d(reached, { kernel: 3, stride: 1, padding: 1 }), present);
  const kernels = normalized(mul(strong, reshape(reached, [batch, size, size])));
  const missing = sub(scalar(1), reduceSum(kernels, [1, 2], true));
  return add(kernels, mul(missing, impulse(size)));
}

/**
 * Kernels [N, s, s] of the sum 1, moved until their centres of gravity lie in the middle.
 * @param wholePixels whether to the nearest pixel alone.
 */
export function centred(kernels: Value, wholePixels = false): Value {
  const size = kernels.shape[1]!;
  const places = Array.from({ length: size }, (_, at) => at - Math.floor(size / 2));
  const down = reduceSum(mul(kernels, constant(tensor([1, size, 1], places))), [1, 2], true);
  const across = reduceSum(mul(kernels, constant(tensor([1, 1, size], places))), [1, 2], true);
  const moved = matmul(
    matmul(shift(wholePixels ? rounded(down) : down, size), kernels),
    transpose(shift(wholePixels ? rounded(across) : across, size), [0, 2, 1]),
  );
  return normalized(relu(moved));
}

/** Kernels [N, s, s] on a grid of other spacing, size x size. */
export function enlarged(kernels: Value, size: number): Value {
  return normalized(relu(enlarge(kernels, size, size)));
}

/**
 * Matrices [N, s, s] that move a column of s values up by distances [N, 1, 1]: of all waves of 2 s
 * places, each moved exactly.
 */
function shift(distances: Value, size: number): Value {
  const batch = distances.shape[0]!;
  const { waves, table } = shiftTables(size);
  const angles = mul(reshape(distances, [batch, 1]), waves);
  const product = matmul(concat([cos(angles), sin(angles)], 1), table);
  return reshape(product, [batch, size, size]);
}

interface ShiftTables {
  /** Radians per pixel of every wave, [1, s + 1]. */
  readonly waves: Value;
  /** [2 (s + 1), s s]: what cosine and sine of each wave's turn add to the matrix. */
  readonly table: Value;
}

const knownTables = new Map<number, ShiftTables>();

function shiftTables(size: number): ShiftTables {
  const known = knownTables.get(size);
  if (known !== undefined) return known;
  const period = 2 * size;
  const turn = (2 * Math.PI) / period;
  const waves = Array.from({ length: size + 1 }, (_, wave) => wave * turn);
  const table = tensor([2 * (size + 1), size * size]);
  for (let wave = 0; wave <= size; wave++) {
    const share = (wave === 0 || wave === size ? 1 : 2) / period;
    for (let to = 0; to < size; to++)
      for (let from = 0; from < size; from++) {
        const angle = turn * ((wave * (to - from)) % period);
        const at = to * size + from;
        table.data[wave * size * size + at] = share * Math.cos(angle);
        table.data[(size + 1 + wave) * size * size + at] = -share * Math.sin(angle);
      }
  }
  const tables = {
    waves: constant(tensor([1, size + 1], waves)),
    table: constant(table),
  };
  knownTables.set(size, tables);
  return tables;
}

function rounded(x: Value): Value {
  const raised = add(x, mul(sign(x), scalar(0.5)));
  return cast(cast(raised, 'int32'), 'float32');
}

/** All light in the middle, [1, size, size]. */
function impulse(size: number): Value {
  const point = tensor([1, size, size]);
  point.data[(size * size - 1) / 2] = 1;
  return constant(point);
}

function normalized(kernels: Value): Value {
  return div(kernels, add(reduceSum(kernels, [1, 2], true), scalar(TINY)));
}

function mask(x: Value, above: Value): Value {
  return cast(greater(x, above), 'float32');
}

/** Images [N, H, W] reduced to height x width by a triangle as wide as two new pixels. */
export function reduce(x: Value, height: number, width: number): Value {
  return resample(x, height, width, (from, to) =>
    interpolationWeights(from, to, triangle, { reach: 1, antialias: true }),
  );
}

/** Images [N, H, W] enlarged to height x width by a cubic. */
export function enlarge(x: Value, height: number, width: number): Value {
  return resample(x, height, width, (from, to) =>
    interpolationWeights(from, to, cubic, { reach: 2, antialias: true }),
  );
}

function resample(
  x: Value,
  height: number,
  width: number,
  weights: (from: number, to: number) => Tensor,
): Value {
  const [rows, columns] = x.shape.slice(1) as [number, number];
  const down = constant(weights(rows, height));
  const across = weights(columns, width);
  const transposed = tensor([columns, width]);
  for (let to = 0; to < width; to++)
    for (let from = 0; from < columns; from++)
      transposed.data[from * width + to] = across.data[to * columns + from]!;
  return matmul(matmul(down, x), constant(transposed));
}
