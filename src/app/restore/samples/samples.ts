import { extname } from 'node:path';
import { ParameterError } from '../../../tensor/errors.js';

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
  /** The picture of the seed, or the mean; absent where samples are all that is wanted. */
  readonly picture?: string;
  readonly samples: readonly string[];
  readonly uncertainty?: string;
}

/** The standard deviation, in the range [0, 1] of pictures, that is white in their pictures. */
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
  const extension = extname(output);
  const stem = output.slice(0, output.length - extension.length);
  const samples = Array.from({ length: kept }, (_, sample) => `${stem}-s${sample}${extension}`);
  return {
    ...((kept === 0 || averaged > 0) && { picture: output }),
    samples,
    ...(averaged > 0 && { uncertainty: `${stem}-uncertainty.png` }),
  };
}

/** All of them. */
export function listPaths({ picture, samples, uncertainty }: ResultPaths): string[] {
  return [picture, ...samples, uncertainty].filter((path) => path !== undefined);
}
