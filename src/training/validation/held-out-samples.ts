import { type Tensor, tensor } from '../../tensor/tensor.js';
import { InputError } from '../../utils/errors.js';
import { type Dataset, drawFrom } from '../custom-parts.js';
import type { HeldOutSample } from '../definition.js';
import { copyCrop } from '../photographs/crops.js';
import { openHeldOut, type Photographs } from '../photographs/photographs.js';
import type { Recipe } from '../recipe.js';
import { datasetSample } from '../tasks/samples.js';
import type { TaskSample, TrainingTask } from '../tasks/task.js';

/**
 * The centre crops of the images that a recipe is validated on, the first by name, as its task
 * degrades them; of a dataset of one's own, the samples of step 0.
 * @param recipe whose `crop` is that of validation.
 * @throws InputError where one is damaged or too small; ParameterError as `drawFrom`.
 */
export async function heldOutSamples(
  recipe: Recipe,
  task: TrainingTask | undefined,
  dataset?: Dataset,
): Promise<HeldOutSample[]> {
  const { images, seed } = recipe.validation!;
  const held = { recipe, task, seed };
  const { count, draw } =
    dataset === undefined ? await centres(held) : datasetSamples(held, images, dataset);
  const samples: HeldOutSample[] = [];
  for (let index = 0; index < Math.min(images, count); index += 1)
    samples.push({ ...(await draw(index)), seed, index });
  return samples;
}

interface HeldOut {
  readonly recipe: Recipe;
  readonly task: TrainingTask | undefined;
  readonly seed: number;
}

interface Source {
  readonly count: number;
  draw(index: number): Promise<Pick<TaskSample, 'target'> & Partial<TaskSample>>;
}

function datasetSamples({ recipe, task, seed }: HeldOut, count: number, dataset: Dataset): Source {
  const { crop } = recipe;
  return {
    count,
    draw: async (index) => {
      const place = { seed, step: 0, sample: index };
      if (task === undefined) return drawFrom(dataset, { ...place, size: crop }, 1);
      return datasetSample(task, dataset, place, { crop, degradation: { seed, index } });
    },
  };
}

async function centres({ recipe, task, seed }: HeldOut): Promise<Source> {
  const photographs = await openHeldOut(recipe);
  const size = recipe.crop + 2 * (task?.leastMargin ?? 0);
  return {
    count: photographs.count,
    draw: async (index) => {
      const target = await centreCrop(photographs, index, size);
      if (task === undefined) return { target };
      if (photographs.degraded === undefined) return task.degrade(target, { seed, index });
      return { target, input: await centreCrop(photographs, index, size, 'degraded') };
    },
  };
}

async function centreCrop(
  photographs: Photographs,
  index: number,
  size: number,
  which: 'image' | 'degraded' = 'image',
): Promise<Tensor> {
  const image = await photographs[which]!(index);
  const { width, height } = image;
  if (width < size || height < size) {
    const expected = `${size}x${size} pixels or more`;
    const what = `image ${index + 1} by name has ${width}x${height} pixels`;
    throw new InputError(photographs.folder, `${what}; expected ${expected} to validate on`, {
      expected,
    });
  }
  const target = tensor([3, size, size]);
  const left = Math.floor((width - size) / 2);
  const top = Math.floor((height - size) / 2);
  copyCrop(image, { left, top, size, orientation: 0 }, target.data);
  return target;
}
