import { z } from 'zod';
import {
  add,
  concat,
  constant,
  div,
  gelu,
  matmul,
  mul,
  type ParameterScope,
  reduceMean,
  reshape,
  resizeBilinear,
  scalar,
  slice,
  sqrt,
  sub,
  transpose,
  type Value,
} from '../graph/index.js';
import { tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { convolution, crop, defaultInitial, layerNormalization, padToMultiple } from './layers.js';
import {
  countLayers,
  type HiddenFeatures,
  noiseChannel,
  type RestorerOrDenoiserNetwork,
  type StateShapes,
  shapeOf,
  simplestRatio,
} from './network.js';

/**
 * The two-dimensional Fourier transform of real patches of size x size as matrices, in double
 * precision and row by row. A patch is a row vector of its size^2 pixels in raster order. Its
 * spectrum holds the frequencies (u, v), u < size, v <= size / 2: first the real parts of all, v
 * running fastest, then the imaginary parts.
 */
interface FourierMatrices {
  /** Length of a spectrum: 2 size (size / 2 + 1). */
  readonly numbers: number;
  /** [size^2, numbers]: X(u, v) = sum of x(i, j) exp(-2 pi i (u i + v j) / size). */
  readonly forward: Float64Array;
  /**
   * [numbers, size^2]: the real patch of a spectrum whose other half is its mirror image. What is
   * not symmetric in the frequencies v = 0 and v = size / 2 is dropped, as usual libraries do.
   */
  readonly inverse: Float64Array;
}

/** @param size even number of rows and columns of a patch. */
export function fourierMatrices(size: number): FourierMatrices {
  const pixels = size ** 2;
  const half = size / 2 + 1;
  const frequencies = size * half;
  const numbers = 2 * frequencies;
  const forward = new Float64Array(pixels * numbers);
  const inverse = new Float64Array(numbers * pixels);
  for (let pixel = 0; pixel < pixels; pixel += 1)
    for (let frequency = 0; frequency < frequencies; frequency += 1) {
      const [u, v] = [Math.floor(frequency / half), frequency % half];
      const turns = u * Math.floor(pixel / size) + v * (pixel % size);
      const angle = (2 * Math.PI * (turns % size)) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      const imaginary = frequencies + frequency;
      forward[pixel * numbers + frequency] = cosine;
      forward[pixel * numbers + imaginary] = -sine;
      const share = (v === 0 || v === half - 1 ? 1 : 2) / pixels;
      inverse[frequency * pixels + pixel] = share * cosine;
      inverse[imaginary * pixels + pixel] = -share * sine;
    }
  return { numbers, forward, inverse };
}

/** Rows and columns of the patches that are transformed. */
export const PATCH = 8;

/** Frequencies of a patch along each axis: the other half is their mirror image. */
const FREQUENCIES = [PATCH, PATCH / 2 + 1] as const;

/** Numbers of the spectrum of a patch: real and imaginary parts. */
const NUMBERS = 2 * FREQUENCIES[0] * FREQUENCIES[1];

let matrices: { readonly forward: Value; readonly inverse: Value } | undefined;

/** The transform of patches and its inverse, computed once. */
function patchMatrices() {
  if (matrices !== undefined) return matrices;
  const { forward, inverse } = fourierMatrices(PATCH);
  matrices = {
    forward: constant(tensor([PATCH ** 2, NUMBERS], Float32Array.from(forward))),
    inverse: constant(tensor([NUMBERS, PATCH ** 2], Float32Array.from(inverse))),
  };
  return matrices;
}

/**
 * [N, C, H, W], with sides that are multiples of 8, to the spectra of its 8 x 8 patches,
 * [N, C, patches, 80]: 40 real parts, then 40 imaginary parts.
 */
export function patchSpectra(x: Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const [down, across] = [height / PATCH, width / PATCH];
  const cut = reshape(x, [batch, channels, down, PATCH, across, PATCH]);
  const patches = transpose(cut, [0, 1, 2, 4, 3, 5]);
  return matmul(
    reshape(patches, [batch, channels, down * across, PATCH ** 2]),
    patchMatrices().forward,
  );
}

/** The image [N, C, height, width] whose patches have these spectra. */
export function fromPatchSpectra(spectra: Value, height: number, width: number): Value {
  const [batch, channels] = spectra.shape as [number, number];
  const [down, across] = [height / PATCH, width / PATCH];
  const { inverse } = patchMatrices();
  const patches = reshape(matmul(spectra, inverse), [batch, channels, down, across, PATCH, PATCH]);
  return reshape(transpose(patches, [0, 1, 2, 4, 3, 5]), [batch, channels, height, width]);
}

/** The product of two spectra, frequency by frequency: that of the patches' cyclic convolution. */
export function multiplySpectra(x: Value, y: Value): Value {
  const [[a, b], [c, d]] = [parts(x), parts(y)];
  return concat([sub(mul(a, c), mul(b, d)), add(mul(a, d), mul(b, c))], 3);
}

/** Spectra times one real number per channel and frequency; `factors` is [C, 1, 1, 8, 5]. */
export function filterSpectra(spectra: Value, factors: Value): Value {
  const flat = reshape(factors, [factors.shape[0]!, 1, NUMBERS / 2]);
  return mul(spectra, concat([flat, flat], 2));
}

function parts(spectra: Value): [real: Value, imaginary: Value] {
  const half = NUMBERS / 2;
  return [slice(spectra, 3, 0, half), slice(spectra, 3, half, NUMBERS)];
}

const count = z.int().min(1);
const blockCount = z.int().min(0);

/** The reference's constructor arguments, under its names and with its defaults. */
const reference = z.strictObject({
  inp_channels: count.default(3),
  out_channels: count.default(3),
  dim: count.default(48),
  num_blocks: z
    .array(blockCount)
    .min(3, '3 levels; a fourth number is ignored')
    .max(4, '3 levels; a fourth number is ignored')
    .default([6, 6, 12, 8]),
  num_refinement_blocks: blockCount.default(4),
  ffn_expansion_factor: z.number().positive().default(3),
  bias: z.boolean().default(false),
  LayerNorm_type: z.enum(['WithBias', 'BiasFree']).default('WithBias'),
});

/** What the blocks of the encoder and the decoder have in common. */
interface BlockConfig {
  /** Hidden features of a feed-forward network over its features, rounded down. */
  readonly expansion: number;
  /** Whether the convolutions inside a block have a bias. */
  readonly bias: boolean;
  /** Whether the normalisations of a block subtract the mean and add a bias. */
  readonly centred: boolean;
}

/** FFTformer's configuration in checked form. */
interface FftformerConfig extends BlockConfig {
  readonly inputs: number;
  readonly outputs: number;
  /** Features at full size; they double at half and again at quarter size. */
  readonly features: number;
  /** Blocks at full, half and quarter size, on each side. */
  readonly blocks: readonly [number, number, number];
  /** Blocks at full size after the decoder. */
  readonly refinements: number;
}

/** Checks a configuration in the reference's names and gives it in this project's. */
const fftformerSchema: z.ZodType<FftformerConfig> = reference
  .superRefine(({ inp_channels, out_channels, dim, ffn_expansion_factor }, context) => {
    if (inp_channels !== 1 && inp_channels !== out_channels)
      context.addIssue({
        code: 'custom',
        path: ['inp_channels'],
        message: `1 or out_channels ${out_channels}: the input is added to the output`,
      });
    if (dim * ffn_expansion_factor < 1)
      context.addIssue({
        code: 'custom',
        path: ['ffn_expansion_factor'],
        message: `at least ${1 / dim}: dim times it is the number of hidden features`,
      });
  })
  .transform((config) => ({
    inputs: config.inp_channels,
    outputs: config.out_channels,
    features: config.dim,
    blocks: config.num_blocks.slice(0, 3) as [number, number, number],
    refinements: config.num_refinement_blocks,
    expansion: config.ffn_expansion_factor,
    bias: config.bias,
    centred: config.LayerNorm_type === 'WithBias',
  }));

/** Patches are whole at a quarter of the size, too. */
const MULTIPLE = 4 * PATCH;

/**
 * FFTformer (Kong et al., "Efficient Frequency Domain-based Transformers for High-Quality Image
 * Deblurring", CVPR 2023). The input [N, inputs, H, W] is a blurred image in [0, 1]; the network
 * predicts what is added to it. The Fourier transforms of its patches are products with constant
 * matrices.
 */
export const fftformer: RestorerOrDenoiserNetwork<FftformerConfig> = {
  name: 'fftformer',
  role: 'restorer-or-denoiser',
  schema: fftformerSchema,
  build: (config, scope, [image]) => {
    const [, channels, height, width] = image!.shape as [number, number, number, number];
    if (channels !== config.inputs)
      throw new ParameterError('fftformer input', `${config.inputs} channels`, channels);
    const padded = padToMultiple(image!, MULTIPLE);
    const layer = { filters: config.features, bias: false };
    const shallow = convolution(scope.child('patch_embed.proj'), padded, layer);
    const deep = decoded(config, scope, shallow);
    declareUnused(config, scope);
    const made = convolution(scope.child('output'), deep, {
      filters: config.outputs,
      bias: config.bias,
    });
    return crop(add(made, padded), height, width);
  },
  inputShapes: ({ inputs }, { batch, height, width }) => [[batch, inputs, height, width]],
  scale: () => 1,
  noiseInput: ({ inputs, outputs }) => noiseChannel(inputs, outputs),
  sizeRule: () => ({ multiple: MULTIPLE, minimum: MULTIPLE }),
  receptiveRadius: () => undefined,
  configure: configureFftformer,
};

/** A U-shaped network over three sizes; only its way up has attention. */
function decoded(config: FftformerConfig, scope: ParameterScope, shallow: Value): Value {
  const { features } = config;
  const [first, second, third] = config.blocks;
  const part = (name: string, x: Value, count: number): Value =>
    blocks(config, scope.child(name), x, { count, attends: !name.startsWith('encoder') });
  const resized = (name: string, x: Value, factor: number, filters: number): Value => {
    const [height, width] = x.shape.slice(2) as [number, number];
    const size = [height * factor, width * factor] as const;
    const layer = { filters, bias: false };
    return convolution(scope.child(`${name}.body.1`), resizeBilinear(x, size), layer);
  };
  const full = part('encoder_level1', shallow, first);
  const half = part('encoder_level2', resized('down1_2', full, 0.5, 2 * features), second);
  const quarter = part('encoder_level3', resized('down2_3', half, 0.5, 4 * features), third);

  let x = part('decoder_level3', quarter, third);
  x = fuse(scope.child('fuse2'), resized('up3_2', x, 2, 2 * features), half);
  x = part('decoder_level2', x, second);
  x = fuse(scope.child('fuse1'), resized('up2_1', x, 2, features), full);
  x = part('decoder_level1', x, first);
  return part('refinement', x, config.refinements);
}

/** The reference has, and its checkpoints hold, a convolution that it never runs. */
function declareUnused({ features, bias }: FftformerConfig, scope: ParameterScope): void {
  const unused = scope.child('reduce_chan_level2');
  const initial = defaultInitial(4 * features);
  unused.parameter('weight', [2 * features, 4 * features, 1, 1], initial);
  if (bias) unused.parameter('bias', [2 * features], initial);
}

const DEFAULT_EXPANSION = 3;

/**
 * FFTformer's constructor arguments from a state dictionary. A network without any block does not
 * determine `ffn_expansion_factor` and `LayerNorm_type`, which default to 3 and WithBias.
 */
function configureFftformer(state: StateShapes): Record<string, unknown> | undefined {
  const first = shapeOf(state, 'patch_embed.proj.weight', 4);
  const last = shapeOf(state, 'output.weight', 4);
  if (first === undefined || last === undefined || !state.has('fuse1.conv.weight'))
    return undefined;
  const [features, inputs] = first as [number, number];
  const blocks = (part: string): number =>
    countLayers(state, (block) => `${part}.${block}.norm2.body.weight`);
  const parts = [...[1, 2, 3].map((level) => `decoder_level${level}`), 'refinement'];
  const filled = parts.filter((part) => blocks(part) > 0);
  const expansion = simplestRatio(filled.flatMap((part) => hiddenFeatures(state, `${part}.0.ffn`)));
  return {
    inp_channels: inputs,
    out_channels: last[0],
    dim: features,
    num_blocks: parts.slice(0, 3).map(blocks),
    num_refinement_blocks: blocks('refinement'),
    ffn_expansion_factor: filled.length === 0 ? DEFAULT_EXPANSION : expansion,
    bias: state.has('output.bias'),
    LayerNorm_type: filled.every((part) => state.has(`${part}.0.norm2.body.bias`))
      ? 'WithBias'
      : 'BiasFree',
  };
}

function hiddenFeatures(state: StateShapes, unit: string): HiddenFeatures[] {
  const out = shapeOf(state, `${unit}.project_out.weight`, 4);
  return out === undefined ? [] : [[out[0]!, out[1]!]];
}

/** `count` blocks one after the other; those of the decoder have an attention, too. */
function blocks(
  config: BlockConfig,
  scope: ParameterScope,
  x: Value,
  { count, attends }: { readonly count: number; readonly attends: boolean },
): Value {
  let result = x;
  for (let index = 0; index < count; index += 1)
    result = block(config, scope.child(`${index}`), result, attends);
  return result;
}

/** Joins the features of the decoder with those of the encoder at the same size. */
export function fuse(scope: ParameterScope, decoded: Value, encoded: Value): Value {
  const features = decoded.shape[1]!;
  const layer = { filters: 2 * features, kernel: 1 };
  const joined = convolution(scope.child('conv'), concat([decoded, encoded], 1), layer);
  const changed = block(FUSION, scope.child('att_channel'), joined, false);
  const both = convolution(scope.child('conv2'), changed, layer);
  return add(slice(both, 1, 0, features), slice(both, 1, features, 2 * features));
}

/** The block of a fusion is the same in every configuration. */
const FUSION: BlockConfig = { expansion: 2.66, bias: false, centred: true };

function block(config: BlockConfig, scope: ParameterScope, x: Value, attends: boolean): Value {
  const norm = (name: string, value: Value): Value =>
    normalization(scope.child(name), value, config.centred);
  const attended = attends
    ? add(x, attention(scope.child('attn'), norm('norm1', x), config.bias))
    : x;
  return add(attended, feedForward(config, scope.child('ffn'), norm('norm2', attended)));
}

/**
 * The frequency domain-based self-attention solver (FSAS): values weighed by the normalised cyclic
 * convolution of queries and keys inside each patch. [N, C, H, W] to the same shape; sides are
 * multiples of 8.
 */
export function attention(scope: ParameterScope, x: Value, bias: boolean): Value {
  const [, features, height, width] = x.shape as [number, number, number, number];
  const wide = 6 * features;
  const projected = convolution(scope.child('to_hidden'), x, { filters: wide, kernel: 1, bias });
  const layer = { filters: wide, groups: wide, bias };
  const hidden = convolution(scope.child('to_hidden_dw'), projected, layer);
  const third = (place: number): Value =>
    slice(hidden, 1, 2 * features * place, 2 * features * (place + 1));
  const product = multiplySpectra(patchSpectra(third(0)), patchSpectra(third(1)));
  const similarity = fromPatchSpectra(product, height, width);
  const weighed = mul(third(2), normalization(scope.child('norm'), similarity, true));
  return convolution(scope.child('project_out'), weighed, { filters: features, kernel: 1, bias });
}

/**
 * The discriminative frequency domain feed-forward network (DFFN): a gated network whose hidden
 * features pass a learned filter, one factor per channel and frequency of a patch. [N, C, H, W]
 * to the same shape; sides are multiples of 8.
 */
function feedForward(config: BlockConfig, scope: ParameterScope, x: Value): Value {
  const [, features, height, width] = x.shape as [number, number, number, number];
  const { bias, expansion } = config;
  const hidden = Math.floor(features * expansion);
  const wide = convolution(scope.child('project_in'), x, { filters: 2 * hidden, kernel: 1, bias });
  const factors = scope.parameter('fft', [2 * hidden, 1, 1, ...FREQUENCIES], { kind: 'ones' });
  const filtered = filterSpectra(patchSpectra(wide), factors);
  const mixed = convolution(scope.child('dwconv'), fromPatchSpectra(filtered, height, width), {
    filters: 2 * hidden,
    groups: 2 * hidden,
    bias,
  });
  const gate = gelu(slice(mixed, 1, 0, hidden));
  const gated = mul(gate, slice(mixed, 1, hidden, 2 * hidden));
  return convolution(scope.child('project_out'), gated, { filters: features, kernel: 1, bias });
}

const EPSILON = 1e-5;

/**
 * Every pixel of [N, C, H, W] normalised over its channels, with parameters below `body`: to mean
 * 0 and variance 1, scaled and shifted, where it is `centred`; else divided by its standard
 * deviation and scaled, the mean left in.
 */
export function normalization(scope: ParameterScope, x: Value, centred: boolean): Value {
  const body = scope.child('body');
  return centred ? alongChannels(x, (pixels) => layerNormalization(body, pixels)) : scaled(body, x);
}

function scaled(scope: ParameterScope, x: Value): Value {
  const channels = x.shape[1]!;
  const difference = sub(x, reduceMean(x, [1]));
  const variance = reduceMean(mul(difference, difference), [1]);
  const weight = scope.parameter('weight', [channels], { kind: 'ones' });
  return mul(div(x, sqrt(add(variance, scalar(EPSILON)))), reshape(weight, [1, channels, 1, 1]));
}

/** Applies `change` to the pixels as [N, H W, C] and returns an image. */
function alongChannels(x: Value, change: (pixels: Value) => Value): Value {
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  const pixels = transpose(reshape(x, [batch, channels, height * width]), [0, 2, 1]);
  return reshape(transpose(change(pixels), [0, 2, 1]), x.shape);
}
