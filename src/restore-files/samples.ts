import { extname } from 'node:path';
import { ParameterError } from '../utils/errors.js';

/** Which of the possible results of an input are wanted, besides that of its seed. */
export interface SampleRequest {
  /** Results of so many seeds that follow one another, beginning with `seed`; each is written. */
  readonly samples?: number | undefined;
  /** Averages so many of them, 2 or more, and tells their standard deviation. */
  readonly mean?: number | undefined;
}

/** The samples of a restoration. */
export interface SamplePlan {
  /** Chains that are run. */
  readonly chains: number;
  /** The first of them, which are results by themselves. */
  readonly kept: number;
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

/** More than anybody has the time for; their names alone would fill the memory sooner or later. */
const MOST_SAMPLES = 10_000;

/** @throws ParameterError for numbers out of range. */
export function planSamples({ samples, mean }: SampleRequest): SamplePlan {
  const check = (name: string, value: number | undefined, least: number): void => {
    if (value === undefined) return;
    if (!(Number.isInteger(value) && value >= least && value <= MOST_SAMPLES))
      throw new ParameterError(name, `an integer from ${least} to ${MOST_SAMPLES}`, value);
  };
  check('samples', samples, 1);
  check('mean', mean, 2);
  const [kept, averaged] = [samples ?? 0, mean ?? 0];
  return { chains: Math.max(kept, averaged, 1), kept, averaged };
}

/**
 * The files that a result goes to: NAME-s0.png and so on for samples, NAME-uncertainty.png beside
 * the mean, which has the name itself.
 * @param output the name itself.
 */
export function resultPaths(output: string, request: SampleRequest): ResultPaths {
  const { kept, averaged } = planSamples(request);
  return {
    ...((kept === 0 || averaged > 0) && { image: output }),
    samples: Array.from({ length: kept }, (_, sample) => samplePath(output, sample)),
    ...(averaged > 0 && { uncertainty: uncertaintyPath(output) }),
  };
}

/** All files that any request could write the result to. */
export function* everyResultPath(output: string): Generator<string> {
  yield output;
  yield uncertaintyPath(output);
  for (let sample = 0; sample < MOST_SAMPLES; sample += 1) yield samplePath(output, sample);
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
    for (let place = 0; place < mean.length; place += 1) {
      const before = values[place]! - mean[place]!;
      mean[place]! += before / count;
      squares[place]! += before * (values[place]! - mean[place]!);
    }
  }

  /** The mean so far; its own array. */
  get mean(): Float32Array {
    return this.#mean;
  }

  /**
   * The standard deviation sqrt(M / (n - 1)) of each place over all planes: the root of the mean
   * of their variances.
   * @param planes equal parts of the arrays, such as colours.
   */
  deviation(planes: number): Float32Array {
    const length = this.#squares.length / planes;
    const deviation = new Float32Array(length);
    for (let place = 0; place < length; place += 1) {
      let sum = 0;
      for (let plane = 0; plane < planes; plane += 1) sum += this.#squares[plane * length + place]!;
      deviation[place] = Math.sqrt(sum / (planes * Math.max(1, this.#count - 1)));
    }
    return deviation;
  }
}
