import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { Light } from '../settings.js';

/** From display values to the values that light adds up in, and back. */
export interface Transfer {
  /** Writes the light of source[from ... from + count) to target[to ...]; values are clamped to [0, 1]. */
  decode(source: Float32Array, from: number, count: number, target: Float32Array, to: number): void;
  /** Turns light into display values in place; light is clamped to [0, 1]. */
  encode(values: Float32Array): void;
}

// Cells of the interpolated tables; their error stays below 1e-5, a four-hundredth of an 8-bit step.
const decodeCells = 16384;
const encodeCells = 2048;

const known = new Map<Light, Transfer>();

/** The transfer of a kind of light, computed by tables where there is a curve. */
export function transferOf(light: Light): Transfer {
  const found = known.get(light);
  if (found !== undefined) return found;
  const made = light === 'display' ? displayTransfer : tableTransfer(light);
  known.set(light, made);
  return made;
}

/** The sRGB curve of IEC 61966-2-1: a display value in [0, 1] as linear light. */
export function srgbToLinear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** The inverse of `srgbToLinear`. */
export function linearToSrgb(light: number): number {
  return light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;
}

const displayTransfer: Transfer = {
  decode(source, from, count, target, to) {
    for (let at = 0; at < count; at++)
      target[to + at] = Math.min(Math.max(source[from + at]!, 0), 1);
  },
  encode(values) {
    for (let at = 0; at < values.length; at++) values[at] = Math.min(Math.max(values[at]!, 0), 1);
  },
};

function tableTransfer(light: 'srgb' | 'camera'): Transfer {
  const toLight = sampled(decodeCells, (at) => at / decodeCells, curves[light].decode);
  // Over the root of the light, where the curve is nowhere steep.
  const toDisplay = sampled(encodeCells, (at) => (at / encodeCells) ** 2, curves[light].encode);
  return {
    decode(source, from, count, target, to) {
      for (let at = 0; at < count; at++) {
        const position = Math.min(Math.max(source[from + at]!, 0), 1) * decodeCells;
        const cell = Math.min(Math.floor(position), decodeCells - 1);
        const lower = toLight[cell]!;
        target[to + at] = lower + (toLight[cell + 1]! - lower) * (position - cell);
      }
    },
    encode(values) {
      for (let at = 0; at < values.length; at++) {
        const position = Math.sqrt(Math.min(Math.max(values[at]!, 0), 1)) * encodeCells;
        const cell = Math.min(Math.floor(position), encodeCells - 1);
        const lower = toDisplay[cell]!;
        values[at] = lower + (toDisplay[cell + 1]! - lower) * (position - cell);
      }
    },
  };
}

type Curve = (values: Float32Array) => Float32Array;

const curves: Record<'srgb' | 'camera', { readonly decode: Curve; readonly encode: Curve }> = {
  srgb: {
    decode: (values) => values.map(srgbToLinear),
    encode: (values) => values.map(linearToSrgb),
  },
  camera: {
    decode: (values) => expandGamma(invertToneCurve(tensor([values.length], values))).data,
    encode: (values) => applyToneCurve(compressGamma(tensor([values.length], values))).data,
  },
};

function sampled(cells: number, position: (at: number) => number, curve: Curve): Float32Array {
  const table = curve(Float32Array.from({ length: cells + 1 }, (_, at) => position(at)));
  // The ends are exact so that black and white stay what they are.
  table[0] = 0;
  table[cells] = 1;
  return table;
}

const exponent = 2.2;

// The power's slope at zero is infinite; below this no image holds anything.
const smallest = 1e-8;

/** Display values to linear light, x^2.2, of values not below 1e-8. Any shape. */
export function expandGamma(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => Math.max(value, smallest) ** exponent),
  );
}

/** Linear light to display values, x^(1/2.2), of values not below 1e-8. Any shape. */
export function compressGamma(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => Math.max(value, smallest) ** (1 / exponent)),
  );
}

/**
 * The global tone curve 3x^2 - 2x^3 of Brooks et al., "Unprocessing Images for Learned Raw
 * Denoising" (2019). It maps [0, 1] onto itself; above 1 it falls again.
 *
 * @param image any shape.
 */
export function applyToneCurve(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => value * value * (3 - 2 * value)),
  );
}

/**
 * The inverse of `applyToneCurve`: the root of the cubic that lies in [0, 1].
 *
 * @param image any shape; values are first clamped to [0, 1].
 */
export function invertToneCurve(image: Tensor): Tensor {
  return tensor(
    image.shape,
    image.data.map((value) => {
      const clamped = Math.min(Math.max(value, 0), 1);
      return 0.5 - Math.sin(Math.asin(1 - 2 * clamped) / 3);
    }),
  );
}
