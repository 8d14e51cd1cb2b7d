import { z } from 'zod';
import {
  add,
  concat,
  constant,
  conv2d,
  matmul,
  mul,
  type ParameterScope,
  pad,
  prelu,
  reduceMax,
  reduceMean,
  relu,
  reshape,
  resizeBilinear,
  sigmoid,
  slice,
  softmax,
  transpose,
  type Value,
} from '../graph/index.js';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, defaultInitial, learnedRectifier, padToMultiple } from './layers.js';
import {
  countLayers,
  noiseChannel,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
} from './network.js';

const count = z.int().min(1);

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  in_channels: count.default(3),
  out_channels: count.default(3),
  n_feat: count.min(8, 'at least 8: channel attention has an eighth of them').default(64),
  kernel_size: count.refine((size) => size % 2 === 1, 'an odd size').default(3),
  stride: z.literal(2, '2: the resizing units of a block double and halve the channels').default(2),
  n_RRG: count.default(3),
  n_MSRB: count.default(2),
  height: count.max(8).default(3),
  width: count.max(16).default(2),
  bias: z.boolean().default(false),
});

/** MIRNet's configuration in checked form. */
interface MirnetConfig {
  /** Channels of the input: the image, and above `outputs` further maps such as the noise level. */
  readonly inputs: number;
  readonly outputs: number;
  readonly features: number;
  /** Side of the first and the last convolution's kernels. */
  readonly kernel: number;
  /** Residual groups, and multi-scale blocks in each. */
  readonly groups: number;
  readonly blocks: number;
  /** Scales of a block, each half as large as the one above and twice as deep. */
  readonly scales: number;
  /** Attention units per scale of a block. */
  readonly columns: number;
  /** Whether the convolutions outside the units have a bias. */
  readonly bias: boolean;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
const mirnetSchema: z.ZodType<MirnetConfig> = reference
  .superRefine(({ in_channels, out_channels }, context) => {
    if (in_channels !== 1 && in_channels < out_channels)
      context.addIssue({
        code: 'custom',
        path: ['in_channels'],
        message: `1 or at least out_channels ${out_channels}: the input is added to the output`,
      });
  })
  .transform((config) => ({
    inputs: config.in_channels,
    outputs: config.out_channels,
    features: config.n_feat,
    kernel: config.kernel_size,
    groups: config.n_RRG,
    blocks: config.n_MSRB,
    scales: config.height,
    columns: config.width,
    bias: config.bias,
  }));

/**
 * MIRNet (Zamir et al., "Learning Enriched Features for Real Image Restoration and Enhancement",
 * ECCV 2020). The input [N, inputs, H, W] holds the image in [0, 1] and, above `outputs`
 * channels, further maps such as the noise level; its first channels are added to the result.
 */
export const mirnet: RestorerOrDenoiserNetwork<MirnetConfig> = {
  name: 'mirnet',
  role: 'restorer-or-denoiser',
  schema: mirnetSchema,
  build: (config, scope, [image]) => {
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== config.inputs)
      throw new ParameterError('mirnet input', `${config.inputs} channels`, channels);
    const padded = padToMultiple(image!, multiple(config));
    const { features, outputs, kernel, bias } = config;
    let x = convolution(scope.child('conv_in'), padded, { filters: features, kernel, bias });
    const slope = scope.parameter(SLOPE, [1], { kind: 'constant', value: 0.25 });
    for (let group = 0; group < config.groups; group += 1)
      x = residualGroup(config, scope.child(`body.${group}.body`), x, slope);
    const made = convolution(scope.child('conv_out'), x, { filters: outputs, kernel, bias });
    const base =
      config.inputs > outputs && config.inputs > 1 ? slice(padded, 1, 0, outputs) : padded;
    return crop(add(made, base), height, width);
  },
  inputShapes: ({ inputs }, { batch, height, width }) => [[batch, inputs, height, width]],
  scale: () => 1,
  noiseInput: ({ inputs, outputs }) => noiseChannel(inputs, outputs),
  sizeRule: (config) => ({ multiple: multiple(config), minimum: multiple(config) }),
  receptiveRadius: () => undefined,
  aliases: unitAliases,
  isBuffer: (key) => key.endsWith('.filt'),
  configure: configureMirnet,
};

/** All attention units of the reference share the one rectifier that is its default argument. */
const SLOPE = 'body.0.body.0.blocks.0.0.body.1.weight';

const UNIT_WEIGHTS = [
  'body.0.weight',
  'body.2.weight',
  'SA.spatial.conv.weight',
  'CA.conv_du.0.weight',
  'CA.conv_du.2.weight',
  'conv1x1.weight',
];

/** Names under which a checkpoint repeats the first column's units and the one rectifier. */
function unitAliases({ groups, blocks, scales, columns }: MirnetConfig): Map<string, string> {
  const aliases = new Map<string, string>();
  for (let group = 0; group < groups; group += 1)
    for (let block = 0; block < blocks; block += 1)
      for (let scale = 0; scale < scales; scale += 1) {
        const row = `body.${group}.body.${block}.blocks.${scale}`;
        for (let column = 0; column < columns; column += 1) {
          if (`${row}.${column}.body.1.weight` !== SLOPE)
            aliases.set(`${row}.${column}.body.1.weight`, SLOPE);
          if (column > 0)
            for (const name of UNIT_WEIGHTS)
              aliases.set(`${row}.${column}.${name}`, `${row}.0.${name}`);
        }
      }
  return aliases;
}

function multiple({ scales }: MirnetConfig): number {
  return 2 ** (scales - 1);
}

function residualGroup(config: MirnetConfig, scope: ParameterScope, x: Value, slope: Value): Value {
  let result = x;
  for (let block = 0; block < config.blocks; block += 1)
    result = multiScaleBlock(config, scope.child(`${block}`), result, slope);
  const layer = { filters: config.features, bias: false };
  return add(convolution(scope.child(`${config.blocks}`), result, layer), x);
}

const DEFAULT_COLUMNS = 2;

/**
 * MIRNet's constructor arguments from a state dictionary. The columns of a block are one unit under
 * several names; a checkpoint that stores each parameter once does not determine their number, which is
 * then left at 2.
 */
function configureMirnet(state: StateShapes): Record<string, unknown> | undefined {
  const first = shapeOf(state, 'conv_in.weight', 4);
  const last = shapeOf(state, 'conv_out.weight', 4);
  const unit = (group: number, block: number, scale: number, column: number): string =>
    `body.${group}.body.${block}.blocks.${scale}.${column}.body.0.weight`;
  const inner = shapeOf(state, unit(0, 0, 0, 0), 4);
  if (first === undefined || last === undefined || inner === undefined) return undefined;
  const [features, inputs, kernel] = first as [number, number, number];
  const columns = countLayers(state, (column) => unit(0, 0, 0, column));
  if (inner[0] !== features || inner[1] !== features) return undefined;
  // The rectifier of the second scale's unit is a further name of the first's.
  const repeated = state.has('body.0.body.0.blocks.1.0.body.1.weight');
  return {
    in_channels: inputs,
    out_channels: last[0],
    n_feat: features,
    kernel_size: kernel,
    stride: 2,
    n_RRG: countLayers(state, (group) => unit(group, 0, 0, 0)),
    n_MSRB: countLayers(state, (block) => unit(0, block, 0, 0)),
    height: countLayers(state, (scale) => unit(0, 0, scale, 0)),
    width: columns === 1 && !repeated ? DEFAULT_COLUMNS : columns,
    bias: state.has('conv_in.bias'),
  };
}

/**
 * The multi-scale residual block: columns of attention units on several scales, every scale fed
 * from all of them between two columns, and all fused at the finest scale [N, features, H, W].
 *
 * As in the reference, the columns of a scale are one unit used again, with the first column's
 * weights.
 * @param slope of the units' rectifiers.
 */
function multiScaleBlock(
  config: MirnetConfig,
  scope: ParameterScope,
  x: Value,
  slope: Value,
): Value {
  const scales = Array.from({ length: config.scales }, (_, scale) => scale);
  const unit = (scale: number, input: Value): Value =>
    attentionUnit(scope.child(`blocks.${scale}.0`), input, slope);
  const fuse = (scale: number, branches: readonly Value[]): Value =>
    selectiveFusion(scope.child(`selective_kernel.${scale}`), branches);

  let rows: Value[] = [];
  for (const scale of scales) {
    const above = rows[scale - 1];
    rows.push(unit(scale, above === undefined ? x : moved(scope, above, scale - 1, scale)));
  }
  const mesh = (known: readonly Value[]): Value[] =>
    scales.map((scale) =>
      fuse(
        scale,
        known.map((row, from) => moved(scope, row, from, scale)),
      ),
    );
  // A block of one column has the parameters of the mesh, too, and leaves them unused.
  if (config.columns === 1) mesh(rows);
  for (let column = 1; column < config.columns; column += 1)
    rows = mesh(rows).map((row, scale) => unit(scale, row));
  const finest = rows.map((row, scale) =>
    scale === 0 ? row : upSample(scope.child(`last_up.${scale}`), row, scale),
  );
  const { features: filters, bias } = config;
  const fused = convolution(scope.child('conv_out'), fuse(0, finest), { filters, bias });
  return add(fused, x);
}

/** Features of one scale brought to another. */
function moved(scope: ParameterScope, x: Value, from: number, to: number): Value {
  const steps = Math.abs(to - from);
  const name = `${x.shape[1]}_${2 ** steps}`;
  if (steps === 0) return x;
  return to > from
    ? downSample(scope.child(`down.${name}`), x, steps)
    : upSample(scope.child(`up.${name}`), x, steps);
}

const REDUCTION = 8;

/**
 * The dual attention unit: two convolutions, then their result weighed by pixel and by channel,
 * both joined and added to the input [N, C, H, W].
 * @param slope of the rectifier, [1].
 */
function attentionUnit(scope: ParameterScope, x: Value, slope: Value): Value {
  const filters = x.shape[1]!;
  const plain = { filters, bias: false };
  const hidden = prelu(convolution(scope.child('body.0'), x, plain), slope);
  const result = convolution(scope.child('body.2'), hidden, plain);
  const both = concat([byPixel(scope, result), byChannel(scope, result)], 1);
  return add(convolution(scope.child('conv1x1'), both, { ...plain, kernel: 1 }), x);
}

function byPixel(scope: ParameterScope, x: Value): Value {
  const summary = concat([reduceMax(x, [1]), reduceMean(x, [1])], 1);
  const layer = { filters: 1, kernel: 5, bias: false };
  return mul(x, sigmoid(convolution(scope.child('SA.spatial.conv'), summary, layer)));
}

function byChannel(scope: ParameterScope, x: Value): Value {
  const filters = x.shape[1]!;
  const layer = { kernel: 1, bias: false };
  const unit = scope.child('CA.conv_du');
  const reducedFilters = Math.floor(filters / REDUCTION);
  const squeezed = convolution(unit.child('0'), reduceMean(x, [2, 3]), {
    ...layer,
    filters: reducedFilters,
  });
  return mul(x, sigmoid(convolution(unit.child('2'), relu(squeezed), { ...layer, filters })));
}

const FEWEST = 4;

/**
 * Selective kernel feature fusion: a sum of equally shaped features [N, C, H, W] with one weight
 * per channel and branch; the weights of a channel add up to 1.
 */
function selectiveFusion(scope: ParameterScope, branches: readonly Value[]): Value {
  const [batch, channels] = branches[0]!.shape as [number, number];
  const means = branches.map((branch) => reduceMean(branch, [2, 3]));
  const squeezed = convolution(scope.child('conv_du.0'), sum(means), {
    filters: Math.max(Math.floor(channels / REDUCTION), FEWEST),
    kernel: 1,
    bias: false,
  });
  const hidden = learnedRectifier(scope.child('conv_du.1'), squeezed);
  const layer = { filters: channels, kernel: 1, bias: false };
  const logits = branches.map((_, branch) =>
    reshape(convolution(scope.child(`fcs.${branch}`), hidden, layer), [batch, 1, channels]),
  );
  const weights = softmax(transpose(concat(logits, 1), [0, 2, 1]));
  const weighed = branches.map((branch, index) =>
    mul(branch, reshape(slice(weights, 2, index, index + 1), [batch, channels, 1, 1])),
  );
  return sum(weighed);
}

function sum(values: readonly Value[]): Value {
  return values.reduce((total, value) => add(total, value));
}

/** Halves the size and doubles the channels of [N, C, H, W], `steps` times; H and W are even. */
function downSample(scope: ParameterScope, x: Value, steps: number): Value {
  let result = x;
  for (let step = 0; step < steps; step += 1) result = halve(scope.child(`body.${step}`), result);
  return result;
}

/** Doubles the size and halves the channels of [N, C, H, W], `steps` times. */
function upSample(scope: ParameterScope, x: Value, steps: number): Value {
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
