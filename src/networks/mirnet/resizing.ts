import { type ParameterScope, type Value, add, concat, constant, conv2d, matmul, pad, reshape, resizeBilinear, transpose } from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { convolution, defaultInitial, learnedRectifier } from '../layers.js';

/** Halves the size and doubles the channels of [N, C, H, W], `steps` times; H and W are even. */
export function downSample(scope: ParameterScope, x: Value, steps: number): Value {
  let result = x;
  for (let step = 0; step < steps; step += 1) result = halve(scope.child(`body.${step}`), result);
  return result;
}

/** Doubles the size and halves the channels of [N, C, H, W], `steps` times. */
export function upSample(scope: ParameterScope, x: Value, steps: number): Value {
  let result = x;
  for (let step = 0; step < steps; step += 1) result = double(scope.child(`body.${step}`), result);
  return result;
}

function halve(scope: ParameterScope, x: Value): Value {
  const filters = x.shape[1]!;
  const [top, bottom] = [scope.child('top'), scope.child('bot')];
  const first = convolution(top.child('0'), x, { filters, kernel: 1, bias: false });
  const second = convolution(top.child('2'), learnedRectifier(top.child('1'), first), {
    filters,
    bias: false,
  });
  const widened = { filters: 2 * filters, kernel: 1, bias: false };
  const filtered = blurredHalf(learnedRectifier(top.child('3'), second));
  return add(
    convolution(top.child('5'), filtered, widened),
    convolution(bottom.child('1'), blurredHalf(x), widened),
  );
}

/**
 * The bilinear branch mixes channels before it enlarges: both are linear and act on different
 * axes, so that the order is free, and this one has an eighth of the work.
 */
function double(scope: ParameterScope, x: Value): Value {
  const [, channels, height, width] = x.shape as [number, number, number, number];
  const [top, bottom] = [scope.child('top'), scope.child('bot')];
  const halved = { filters: channels / 2, kernel: 1, bias: false };
  const mixed = convolution(bottom.child('1'), x, halved);
  const first = convolution(top.child('0'), x, { filters: channels, kernel: 1, bias: false });
  const rectified = learnedRectifier(top.child('1'), first);
  const phases = transposedPhases(top.child('2'), rectified).map((phase) =>
    convolution(top.child('4'), learnedRectifier(top.child('3'), phase), halved),
  );
  return add(interleaved(phases), resizeBilinear(mixed, [2 * height, 2 * width]));
}

/**
 * The four parts of a 3x3 transposed convolution of stride 2, padding 1 and twice the size: the
 * results at even or odd rows and even or odd columns. Each is a small convolution, together they
 * have the same work, and ONNX Runtime runs them twice as fast as its transposed convolution.
 */
function transposedPhases(scope: ParameterScope, x: Value): Value[] {
  const channels = x.shape[1]!;
  const spread = scope.parameter(
    'weight',
    [channels, channels, 3, 3],
    defaultInitial(9 * channels),
  );
  const kernels = transpose(spread, [1, 0, 2, 3]);
  return PHASES.map(([row, column]) =>
    conv2d(x, someTaps(kernels, tapsOf(row), tapsOf(column)), undefined, {
      padding: [0, 0, row, column],
    }),
  );
}

/**
 * An even place is under the middle tap alone; an odd one is under the last tap of the pixel
 * before it and the first tap of the pixel after it.
 */
function tapsOf(odd: number): number[] {
  return odd === 0 ? [1] : [2, 0];
}

/**
 * Some rows and columns of 3x3 kernels, as a product with ones and zeros: with slices, the
 * gradient would spend longer on putting them together again than on the convolutions.
 */
function someTaps(kernels: Value, rows: readonly number[], columns: readonly number[]): Value {
  const [filters, channels] = kernels.shape as [number, number];
  const taps = rows.flatMap((row) => columns.map((column) => 3 * row + column));
  const selection = tensor([9, taps.length]);
  taps.forEach((tap, place) => {
    selection.data[tap * taps.length + place] = 1;
  });
  const chosen = matmul(reshape(kernels, [filters * channels, 9]), constant(selection));
  return reshape(chosen, [filters, channels, rows.length, columns.length]);
}

const PHASES = [
  [0, 0],
  [0, 1],
  [1, 0],
  [1, 1],
] as const;

/** Four [N, C, H, W], in the order of `PHASES`, woven into [N, C, 2 H, 2 W]. */
function interleaved(phases: readonly Value[]): Value {
  const [batch, channels, height, width] = phases[0]!.shape as [number, number, number, number];
  const columns = phases.map((phase) => reshape(phase, [batch, channels, height, width, 1]));
  const rows = [0, 2].map((even) =>
    reshape(concat(columns.slice(even, even + 2), 4), [batch, channels, height, 1, 2 * width]),
  );
  return reshape(concat(rows, 3), [batch, channels, 2 * height, 2 * width]);
}

/**
 * Every second pixel after a 3x3 binomial filter, mirrored at the border. With even sides only
 * the top and the left border are read.
 */
function blurredHalf(x: Value): Value {
  const channels = x.shape[1]!;
  const kernel = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16);
  const weights = Float32Array.from({ length: 9 * channels }, (_, index) => kernel[index % 9]!);
  const margins = [
    [0, 0],
    [0, 0],
    [1, 0],
    [1, 0],
  ] as const;
  const padded = pad(x, margins, 'reflect');
  const filter = constant(tensor([channels, 1, 3, 3], weights));
  return conv2d(padded, filter, undefined, { stride: 2, groups: channels });
}
