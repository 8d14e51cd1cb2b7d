import type { OnRegion, RestoredRegion } from '../../../restoration/index.js';
import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { RunningMoments } from './running-moments.js';
import type { SamplePlan } from './samples.js';

/** Takes what is made of the samples of each region. */
export interface SampleSinks {
  /** A sample that is a result by itself. */
  sample(sample: number, finished: RestoredRegion): void | Promise<void>;
  /** Mean [3, rows, columns] and standard deviation [1, rows, columns] of those that are averaged. */
  mean(region: RestoredRegion, deviation: Tensor): void | Promise<void>;
}

/** Sorts the samples of regions, which come in their order, and averages them as they come. */
export function collectSamples({ kept, averaged }: SamplePlan, sinks: SampleSinks): OnRegion {
  let moments: RunningMoments | undefined;
  return async (finished) => {
    const { sample, image } = finished;
    if (sample < kept || averaged === 0) await sinks.sample(sample, finished);
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
