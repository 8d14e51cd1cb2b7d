import { roundToBytes } from '../../degradation/degradation.js';
import type { Feeds } from '../../graph/graph-runner.js';
import { uniformAt } from '../../tensor/random.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { cropped } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { mapConcurrent } from '../../utils/map-concurrent.js';
import { type Dataset, drawFrom } from '../custom-parts.js';
import {
  CONCURRENT_IMAGES,
  DRAWS_PER_SAMPLE,
  randomCrop,
  type SampleKey,
} from '../photographs/crops.js';
import type { Photographs } from '../photographs/photographs.js';
import type { DegradationKey, TaskSample, TrainingTask } from './task.js';

/** A range of a step's samples, and their dataset where they are not made of photographs. */
export interface BatchPart {
  readonly seed: number;
  readonly step: number;
  /** Number of the first sample. */
  readonly first: number;
  readonly count: number;
  readonly crop: number;
  readonly dataset?: Dataset | undefined;
}

/** The inputs of a restoration network and its loss, as batches: a task's own, and `target`. */
export async function taskBatch(
  task: TrainingTask,
  photographs: Photographs,
  part: BatchPart,
): Promise<Feeds> {
  const { seed, step, first, count, crop, dataset } = part;
  const keyOf = (index: number) => ({ seed, step, sample: first + index });
  if (dataset === undefined)
    return batchOf(
      task,
      await mapConcurrent(count, CONCURRENT_IMAGES, (index) =>
        photographedSample(task, photographs, keyOf(index), crop),
      ),
    );
  const samples: TaskSample[] = [];
  for (let index = 0; index < count; index += 1) {
    const key = keyOf(index);
    const degradation = degradationKey(key);
    samples.push(await datasetSample(task, dataset, key, { crop, degradation }));
  }
  return batchOf(task, samples);
}

/** Samples as the inputs of a graph. */
export function batchOf(task: TrainingTask, samples: readonly TaskSample[]): Feeds {
  return {
    [task.input.name]: stack(samples.map(({ input }) => input)),
    target: stack(samples.map(({ target }) => target)),
    ...Object.fromEntries(
      task.extras.map(({ name }) => [name, stack(samples.map(({ extras }) => extras![name]!))]),
    ),
  };
}

/** The sample of a random crop of the photographs, which gives the pair where they are pairs. */
export async function photographedSample(
  task: TrainingTask,
  photographs: Photographs,
  key: SampleKey,
  crop: number,
): Promise<TaskSample> {
  const side = crop + 2 * task.margin;
  const image = tensor([3, side, side]);
  if (photographs.degraded === undefined) {
    await randomCrop(photographs, key, side, image.data);
    return task.degrade(image, degradationKey(key));
  }
  const input = tensor(image.shape);
  await randomCrop(photographs, key, side, image.data, input.data);
  return { input, target: image };
}

/** The sample of a custom dataset. */
export async function datasetSample(
  task: TrainingTask,
  dataset: Dataset,
  key: SampleKey,
  { crop, degradation }: { readonly crop: number; readonly degradation: DegradationKey },
): Promise<TaskSample> {
  const size = crop + 2 * task.leastMargin;
  const { target, input } = await drawFrom(dataset, { ...key, size }, task.scale);
  if (input === undefined) return task.degrade(target, degradation);
  if (task.input.shape.length !== 3)
    throw new ParameterError('dataset', 'single crops, of which bursts are made', 'pairs');
  return { input: centre(input, crop / task.scale), target: centre(target, crop) };
}

const DEGRADATION_DRAW = 9;

/** Every sample has its own degradation, whose seed is drawn. */
function degradationKey({ seed, step, sample }: SampleKey): DegradationKey {
  const share = uniformAt(seed, step, sample * DRAWS_PER_SAMPLE + DEGRADATION_DRAW);
  return { seed: Math.floor(share * 2 ** 53), index: 0 };
}

/** The square of `size` pixels in the middle of a square image [C, side, side]. */
export function centre(image: Tensor, size: number): Tensor {
  const margin = (image.shape[1]! - size) / 2;
  return cropped(image, { left: margin, top: margin, width: size, height: size });
}

/** A copy of an image clamped to [0, 1] and rounded to 8 bits, as files hold it. */
export function roundedToBytes({ shape, data }: Tensor): Tensor {
  return tensor(shape, roundToBytes(data.slice()));
}

/** Tensors of one shape as a batch. */
export function stack(parts: readonly Tensor[]): Tensor {
  const { shape, data } = parts[0]!;
  const result = tensor([parts.length, ...shape]);
  for (const [index, part] of parts.entries()) result.data.set(part.data, index * data.length);
  return result;
}
