import { extname } from 'node:path';
import type { OnRegion, RestoredRegion } from '../restoration/index.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { MAX_SAMPLES } from '../utils/limits.js';

/** Samples to make of an input, besides that of its seed. */
export interface SampleRequest {
  /** Results of this many consecutive seeds, beginning with `seed`; each is written. */
  readonly samples?: number | undefined;
  /** Averages this many, 2 or more, and measures their standard deviation. */
  readonly mean?: number | undefined;
}

/** The samples of a restoration. */
export interface SamplePlan {
  /** Chains that are run. */
  readonly chains: number;
  /** The first of them, which are results by themselves. */
  readonly single: number;
  /** The first of them, which are averaged; 0 for none. */
  readonly averaged: number;
}

/** The files of one result. */
export interface ResultPaths {
  /** The image of the seed, or the mean; absent where samples are all that is wanted. */
  readonly image?: string;
  readonly samples: readonly string[];
  readonly uncertainty?: string;
}

/** The standard deviation, in the range [0, 1] of images, that is white in their images. */
export const WHITE_DEVIATION = 0.25;

/** @throws ParameterError for numbers out of range. */
export function planSamples({ samples, mean }: SampleRequest): SamplePlan {
  const check = (name: string, value: number | undefined, least: number): void => {
    if (value === undefined) return;
    if (!(Number.isInteger(value) && value >= least && value <= MAX_SAMPLES))
      throw new ParameterError(name, `an integer from ${least} to ${MAX_SAMPLES}`, value);
  };
  check('samples', samples, 1);
  check('mean', mean, 2);
  const [single, averaged] = [samples ?? 0, mean ?? 0];
  return { chains: Math.max(single, averaged, 1), single, averaged };
}

/**
 * The files that a result goes to: NAME-s0.png and so on for samples, NAME-uncertainty.png beside
 * the mean, which has the name itself.
 * @param output the name itself.
 */
export function resultPaths(output: string, request: SampleRequest): ResultPaths {
  const { single, averaged } = planSamples(request);
  return {
    ...((single === 0 || averaged > 0) && { image: output }),
    samples: Array.from({ length: single }, (_, sample) => samplePath(output, sample)),
    ...(averaged > 0 && { uncertainty: uncertaintyPath(output) }),
  };
}

/** All files that any request could write the result to. */
export function* everyResultPath(output: string): Generator<string> {
  yield output;
  yield uncertaintyPath(output);
  for (let sample = 0; sample < MAX_SAMPLES; sample += 1) yield samplePath(output, sample);
}

function samplePath(output: string, sample: number): string {
  const extension = extname(output);
  return `${stemOf(output)}-s${sample}${extension}`;
}

function uncertaintyPath(output: string): string {
  return `${stemOf(output)}-uncertainty.png`;
}

function stemOf(output: string): string {
  return output.slice(0, output.length - extname(output).length);
}

/** All of them. */
export function listPaths({ image, samples, uncertainty }: ResultPaths): string[] {
  return [image, ...samples, uncertainty].filter((path) => path !== undefined);
}

/**
 * Mean and standard deviation of arrays that come one after another, in single precision and in
 * the memory of two of them: Welford's recurrence (Technometrics 4, 1962),
 * m_n = m_(n-1) + (x - m_(n-1)) / n and M_n = M_(n-1) + (x - m_(n-1)) (x - m_n).
 */
export class RunningMoments {
  readonly #mean: Float32Array;
  readonly #squares: Float32Array;
  #count = 0;

  constructor(length: number) {
    this.#mean = new Float32Array(length);
    this.#squares = new Float32Array(length);
  }

  get count(): number {
    return this.#count;
  }

  add(values: Float32Array): void {
    this.#count += 1;
    const [mean, squares, count] = [this.#mean, this.#squares, this.#count];
    for (let i = 0; i < mean.length; i += 1) {
      const before = values[i]! - mean[i]!;
      mean[i]! += before / count;
      squares[i]! += before * (values[i]! - mean[i]!);
    }
  }

  /** The mean so far; its own array. */
  get mean(): Float32Array {
    return this.#mean;
  }

  /**
   * The standard deviation sqrt(M / (n - 1)) of each position over all planes: the root of the mean
   * of their variances.
   * @param planes equal parts of the arrays, such as colours.
   */
  deviation(planes: number): Float32Array {
    const length = this.#squares.length / planes;
    const deviation = new Float32Array(length);
    for (let i = 0; i < length; i += 1) {
      let sum = 0;
      for (let plane = 0; plane < planes; plane += 1) sum += this.#squares[plane * length + i]!;
      deviation[i] = Math.sqrt(sum / (planes * Math.max(1, this.#count - 1)));
    }
    return deviation;
  }
}

/** Receives the samples of each region. */
interface SampleSinks {
  /** A sample that is a result by itself. */
  sample(sample: number, finished: RestoredRegion): void | Promise<void>;
  /** Mean [3, rows, columns] and standard deviation [1, rows, columns] of those that are averaged. */
  mean(region: RestoredRegion, deviation: Tensor): void | Promise<void>;
}

/** Passes on the samples of regions, which arrive in order, and averages them as they arrive. */
export function collectSamples({ single, averaged }: SamplePlan, sinks: SampleSinks): OnRegion {
  let moments: RunningMoments | undefined;
  return async (finished) => {
    const { sample, image } = finished;
    if (sample < single || averaged === 0) await sinks.sample(sample, finished);
    if (sample >= averaged) return;
    if (sample === 0) moments = new RunningMoments(image.data.length);
    moments!.add(image.data);
    if (sample + 1 < averaged) return;
    const [, rows, columns] = image.shape as [number, number, number];
    const mean = tensor(image.shape, moments!.mean);
    const deviation = tensor([1, rows, columns], moments!.deviation(3));
    moments = undefined;
    await sinks.mean({ ...finished, image: mean }, deviation);
  };
}

/** One plane as three that are alike. */
export function asImage({ shape, data }: Tensor): Tensor {
  const [, height, width] = shape as [number, number, number];
  const image = tensor([3, height, width]);
  for (let plane = 0; plane < 3; plane += 1) image.data.set(data, plane * data.length);
  return image;
}
