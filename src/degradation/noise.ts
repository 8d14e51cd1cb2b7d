import { fillNormalImage } from '../tensor/image-noise.js';
import { fillNormal, normalAt, uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import {
  checkColour,
  type Degradation,
  drawLogUniform,
  drawUniform,
  roundToBytes,
  seedAt,
} from './degradation.js';
import type { NoiseSettings, Range } from './settings.js';

/**
 * Adds normal noise of variance sigma^2 + shot * value, sigma and shot drawn once per image.
 * Values below zero have the variance of zero.
 */
export function noise({ sigma, shot, law, round }: NoiseSettings): Degradation {
  return {
    name: 'noise',
    scale: 1,
    margin: 0,
    apply: (image, key) => {
      checkColour(image);
      const seed = seedAt(key);
      const draw = (range: Range, index: number) =>
        (law === 'uniform' ? drawUniform : drawLogUniform)(range, seed, 0, index);
      const constant = draw(sigma, 0) ** 2;
      const perSignal = draw(shot, 1);
      const [channels = 0, height = 0, width = 0] = image.shape;
      const result = new Float32Array(image.data.length);
      fillNormalImage(result, { seed, stream: 1, channels, top: 0, left: 0, height, width });
      for (let at = 0; at < result.length; at++) {
        const value = image.data[at]!;
        result[at] = value + result[at]! * Math.sqrt(constant + perSignal * Math.max(value, 0));
      }
      return tensor(image.shape, round ? roundToBytes(result) : result);
    },
  };
}

/** Adds normal noise of variance shot * light + read, levels drawn log-uniformly, in place. */
export function addLightNoise(
  light: Float32Array,
  levels: { readonly shot: Range; readonly read: Range },
  seed: number,
): void {
  const shot = drawLogUniform(levels.shot, seed, 0, 0);
  const read = drawLogUniform(levels.read, seed, 0, 1);
  const normal = new Float32Array(light.length);
  fillNormal(normal, seed, 0);
  for (let at = 0; at < light.length; at++)
    light[at]! += normal[at]! * Math.sqrt(shot * Math.max(light[at]!, 0) + read);
}

/** Variances of a sensor's noise where full scale is 1: `shot` times the signal, plus `read`. */
export interface NoiseLevels {
  readonly shot: number;
  readonly read: number;
}

const smallestShot = Math.log(0.0001);
const largestShot = Math.log(0.012);

/**
 * Random levels by the law that Brooks et al. (2019) fitted to the Darmstadt Noise Dataset: ln shot
 * uniform in [ln 0.0001, ln 0.012), ln read normal around 2.18 ln shot + 1.20 with deviation 0.26.
 *
 * @param index the uniform number taken.
 * @param normalIndex the normal number taken.
 */
export function drawNoiseLevels(
  seed: number,
  stream: number,
  index = 0,
  normalIndex = 0,
): NoiseLevels {
  const logShot = smallestShot + (largestShot - smallestShot) * uniformAt(seed, stream, index);
  const logRead = 2.18 * logShot + 1.2 + 0.26 * normalAt(seed, stream, normalIndex);
  return { shot: Math.exp(logShot), read: Math.exp(logRead) };
}

/**
 * Adds normal noise of variance shot * signal + read; the sum is not clamped.
 *
 * @param image any shape, linear sensor values; the signal of a negative value counts as zero.
 * @throws ParameterError for a negative level or numbers out of range for the generator.
 */
export function addSensorNoise(
  image: Tensor,
  { shot, read }: NoiseLevels,
  seed: number,
  stream: number,
): Tensor {
  for (const [name, level] of [
    ['shot', shot],
    ['read', read],
  ] as const)
    if (!(level >= 0 && Number.isFinite(level)))
      throw new ParameterError(name, 'a variance that is not negative', level);
  const result = new Float32Array(image.data.length);
  fillNormal(result, seed, stream);
  for (let at = 0; at < result.length; at++) {
    const value = image.data[at]!;
    result[at] = value + result[at]! * Math.sqrt(shot * Math.max(value, 0) + read);
  }
  return tensor(image.shape, result);
}
