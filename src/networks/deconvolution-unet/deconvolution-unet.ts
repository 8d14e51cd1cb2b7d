import { z } from 'zod';
import {
  add,
  clip,
  concat,
  constant,
  div,
  exp,
  expand,
  greater,
  log,
  mul,
  type ParameterScope,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reduceMean,
  reshape,
  scalar,
  slice,
  sqrt,
  sub,
  type Value,
  where,
} from '../../graph/index.js';
import { tensor } from '../../tensor/tensor.js';
import { convolution, crop, padToMultiple } from '../layers.js';
import { countLayers, type RestorerNetwork, type StateShapes, shapeOf } from '../network.js';
import { unetLevels } from '../unet-levels.js';
import { estimateKernels, kernelsPerImage } from './kernel-estimation.js';
import { deconvolve } from './wiener.js';

/** Pixels of an image for one of the kernel, at least, along each side. */
const ROOM = 1.5;

const schema = z
  .strictObject({
    /** Pixels folded into channels before the first convolution. */
    unshuffle: z.int().min(1).max(8).default(4),
    /** Channels per level, the finest first. */
    widths: z.array(z.int().min(1)).min(1).max(6).default([64, 128, 192]),
    /** Residual blocks on each side of a level. */
    blocks: z.int().min(1).max(16).default(2),
    /** Residual blocks of the coarsest level; `blocks` unless given. */
    middle: z.int().min(1).max(32).optional(),
    /** Every block weighs its hidden channels by their means over the whole image. */
    attention: z.boolean().default(true),
    /** Rows and columns of the kernels that are looked for, odd; longer blur is not undone. */
    kernel: z
      .int()
      .min(9)
      .max(127)
      .refine((size) => size % 2 === 1, 'an odd size')
      .default(41),
    /** Side of the windows in which blur is taken to be the same everywhere. */
    window: z.int().min(64).max(1024).default(256),
    /** Powers of noise, relative to an image's slopes, with which each kernel's blur is undone. */
    regularisations: z.array(z.number().positive()).min(1).max(8).default([3e-3, 5e-2]),
  })
  .refine(({ kernel, window }) => window >= ROOM * kernel, {
    path: ['window'],
    message: `at least ${ROOM} times the kernel`,
  });

export type DeconvolutionUnetConfig = z.infer<typeof schema>;

/**
 * Blind deconvolution and a U-Net that makes one image of its results. In overlapping windows the
 * kernel that blurred the image is estimated in several ways and undone by Wiener's filter in
 * linear light; the U-Net, which is all that is trained, sees the blurred image and what each
 * kernel made of it, right in some windows and wrong in others, and gives what the blurred image
 * lacks (as Vasu, Maligireddy & Rajagopalan 2018 do for kernels that are nearly known).
 *
 * Input: the blurred image [N, 3, H, W] in [0, 1].
 */
export const deconvolutionUnet: RestorerNetwork<DeconvolutionUnetConfig> = {
  name: 'deconvolution-unet',
  role: 'restorer',
  schema,
  build: (config, scope, inputs) => {
    const [image] = inputs as [Value];
    const [height, width] = image.shape.slice(2) as [number, number];
    const padded = padToMultiple(image, multipleOf(config), leastOf(config));
    const merged = mergeCandidates(config, scope, padded, deconvolveWindows(config, padded));
    return crop(merged, height, width);
  },
  inputShapes: (_config, { batch, height, width }) => [[batch, 3, height, width]],
  scale: () => 1,
  sizeRule: (config) => {
    const multiple = multipleOf(config);
    return { multiple, minimum: Math.ceil(leastOf(config) / multiple) * multiple };
  },
  receptiveRadius: () => undefined,
  configure,
};

/**
 * The Wiener deconvolutions of an image [N, 3, H, W] with each kernel and regularisation,
 * [N, 3 K R, H, W].
 * @param estimate kernels [windows N K, kernel, kernel] of square roots of linear light, one window
 * after the other; those that the network finds unless given.
 */
export function deconvolveWindows(
  config: DeconvolutionUnetConfig,
  image: Value,
  estimate: (windows: Value) => Value = (windows) => estimateKernels(windows, config.kernel),
): Value {
  const { window, regularisations } = config;
  const [height, width] = image.shape.slice(2) as [number, number];
  const layout = layOutWindows(height, width, window);
  const light = toLinear(cutWindows(image, layout));
  const [count] = light.shape as [number];
  const grey = reshape(reduceMean(light, [1], true), [count, layout.height, layout.width]);
  const kernels = estimate(sqrt(grey));
  const sharp = toDisplay(deconvolve(light, kernels, regularisations));
  return joinWindows(sharp, layout, height, width);
}

/**
 * The U-Net's image [N, 3, H, W] of the blurred one and of the candidates [N, 3 K R, H, W], whose
 * sides are multiples of what the U-Net folds.
 */
export function mergeCandidates(
  config: DeconvolutionUnetConfig,
  scope: ParameterScope,
  image: Value,
  candidates: Value,
): Value {
  const features = add(
    layer(config, scope.child('head'), sub(image, scalar(MEAN)), true),
    layer(config, scope.child('extra'), changes(candidates, image), false),
  );
  const folded = convolution(scope.child('tail'), unetLevels(config, scope, features), {
    filters: 3 * config.unshuffle ** 2,
    // It begins with the image as it is.
    initial: { kind: 'zeros' },
  });
  return add(image, mul(pixelShuffle(folded, config.unshuffle), scalar(DEVIATION)));
}

/** Mean and standard deviation of photographs in [0, 1] units. */
const MEAN = 0.45;
const DEVIATION = 0.25;

function layer(
  { unshuffle, widths }: DeconvolutionUnetConfig,
  scope: ParameterScope,
  difference: Value,
  bias: boolean,
): Value {
  const folded = pixelUnshuffle(div(difference, scalar(DEVIATION)), unshuffle);
  return convolution(scope, folded, { filters: widths[0]!, kernel: 3, bias });
}

/** What the candidates [N, 3 K R, H, W] change of the image [N, 3, H, W]. */
function changes(candidates: Value, image: Value): Value {
  const [batch, channels, height, width] = candidates.shape as [number, number, number, number];
  const own = reshape(image, [batch, 1, 3, height, width]);
  const each = expand(own, [batch, channels / 3, 3, height, width]);
  return sub(candidates, reshape(each, candidates.shape));
}

function multipleOf({ unshuffle, widths }: DeconvolutionUnetConfig): number {
  return unshuffle * 2 ** (widths.length - 1);
}

function leastOf({ kernel }: DeconvolutionUnetConfig): number {
  return Math.ceil(ROOM * kernel);
}

/** Shapes do not determine the sizes of kernels and windows, which take their defaults. */
function configure(state: StateShapes): Record<string, unknown> | undefined {
  const folded = shapeOf(state, 'tail.weight', 4)?.[0];
  const seen = shapeOf(state, 'extra.weight', 4)?.[1];
  const block = (level: number, index: number): string =>
    `levels.${level}.encoder.${index}.conv1.weight`;
  const levels = countLayers(state, (level) => block(level, 0));
  if (folded === undefined || seen === undefined || levels === 0) return undefined;
  const blocksOf = (level: number): number => countLayers(state, (index) => block(level, index));
  const regularisations = seen / folded / kernelsPerImage;
  if (regularisations !== 2) return undefined;
  return {
    unshuffle: Math.sqrt(folded / 3),
    widths: Array.from({ length: levels }, (_, level) => state.get(block(level, 0))![0]),
    blocks: blocksOf(0),
    middle: blocksOf(levels - 1),
    attention: state.has('levels.0.encoder.0.attention.weight'),
  };
}

/** Windows overlap by at least this part of their side. */
const OVERLAP = 1 / 4;

/** Where windows of one size lie that cover an image and overlap. */
interface OverlappingWindows {
  readonly height: number;
  readonly width: number;
  readonly tops: readonly number[];
  readonly lefts: readonly number[];
}

/** Windows of at most side x side pixels over height x width, at even distances. */
export function layOutWindows(height: number, width: number, side: number): OverlappingWindows {
  const own = { height: Math.min(height, side), width: Math.min(width, side) };
  return { ...own, tops: begins(height, own.height), lefts: begins(width, own.width) };
}

function begins(extent: number, window: number): number[] {
  const count = 1 + Math.ceil((extent - window) / (window * (1 - OVERLAP)));
  return Array.from({ length: count }, (_, at) =>
    count === 1 ? 0 : Math.round((at * (extent - window)) / (count - 1)),
  );
}

/** The windows of images [N, C, H, W] one after the other, [windows N, C, h, w]. */
export function cutWindows(x: Value, { height, width, tops, lefts }: OverlappingWindows): Value {
  const cut = tops.flatMap((top) => {
    const rows = slice(x, 2, top, top + height);
    return lefts.map((left) => slice(rows, 3, left, left + width));
  });
  return cut.length === 1 ? cut[0]! : concat(cut, 0);
}

/** Images of height x width made of their windows, which fade into each other where they overlap. */
export function joinWindows(
  windows: Value,
  layout: OverlappingWindows,
  height: number,
  width: number,
): Value {
  const { tops, lefts } = layout;
  const count = tops.length * lefts.length;
  if (count === 1) return windows;
  const batch = windows.shape[0]! / count;
  const down = shares(tops, layout.height, height);
  const across = shares(lefts, layout.width, width);
  const bands = tops.map((top, row) => {
    const parts = lefts.map((left, column) => {
      const first = (row * lefts.length + column) * batch;
      const share = constant(
        tensor(
          [1, 1, layout.height, layout.width],
          down[row]!.flatMap((one) => across[column]!.map((other) => one * other)),
        ),
      );
      const weighed = mul(slice(windows, 0, first, first + batch), share);
      return pad(weighed, [
        [0, 0],
        [0, 0],
        [0, 0],
        [left, width - left - layout.width],
      ]);
    });
    return pad(
      parts.reduce((sum, part) => add(sum, part)),
      [
        [0, 0],
        [0, 0],
        [top, height - top - layout.height],
        [0, 0],
      ],
    );
  });
  return bands.reduce((sum, band) => add(sum, band));
}

/** Blending weights of each window, which add up to 1 at every pixel and are largest in its middle. */
function shares(begins: readonly number[], window: number, extent: number): number[][] {
  const weights = Array.from({ length: window }, (_, at) => Math.min(at + 1, window - at));
  const sums = new Array<number>(extent).fill(0);
  for (const begin of begins)
    for (const [at, weight] of weights.entries()) sums[begin + at]! += weight;
  return begins.map((begin) => weights.map((weight, at) => weight / sums[begin + at]!));
}

// IEC 61966-2-1.
const OFFSET = 0.055;
const GAMMA = 2.4;
const SLOPE = 12.92;
const LINEAR_TO = 0.0031308;

/** Display values in [0, 1] as linear light. */
export function toLinear(x: Value): Value {
  const curve = power(div(add(x, scalar(OFFSET)), scalar(1 + OFFSET)), GAMMA);
  return where(greater(x, scalar(SLOPE * LINEAR_TO)), curve, div(x, scalar(SLOPE)));
}

/** Linear light, limited to [0, 1], as display values. */
export function toDisplay(x: Value): Value {
  const light = clip(x, { minimum: 0, maximum: 1 });
  const curve = sub(mul(power(light, 1 / GAMMA), scalar(1 + OFFSET)), scalar(OFFSET));
  return where(greater(light, scalar(LINEAR_TO)), curve, mul(light, scalar(SLOPE)));
}

/** Both branches of a `where` are computed: logarithms of 0 are avoided. */
const LEAST = 1e-6;

/** x^exponent for x in [LEAST, 1]. */
function power(x: Value, exponent: number): Value {
  return exp(mul(log(clip(x, { minimum: LEAST, maximum: 1 })), scalar(exponent)));
}
