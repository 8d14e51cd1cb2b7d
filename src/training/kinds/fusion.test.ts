import { expect, test } from 'vitest';
import { createSchedule } from '../../diffusion/index.js';
import { buildTrainingStep, input, ParameterScope } from '../../graph/index.js';
import { evaluate } from '../../graph/testing/evaluate.js';
import { fusion } from '../../networks/fusion.js';
import type { Network } from '../../networks/network.js';
import { buildDenoiser, buildRestorer } from '../../networks/roles.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import type { Module } from '../../weights/module-file.js';
import { defineTraining, type FrozenModules, recipeNetwork } from '../definition.js';
import { initialWeights } from '../initial-weights.js';
import { openPhotographs } from '../photographs/photographs.js';
import type { FusionRecipe, Recipe } from '../recipe.js';
import { imageFolder } from '../testing/fixtures.js';
import { denoiserRecipe, fusionRecipe, restorerRecipe } from '../testing/recipes.js';

const data = await imageFolder([60, 44], [40, 70]);
const files = { restorer: 'restorer.safetensors', denoiser: 'denoiser.safetensors' };
const recipe = fusionRecipe(data, files) as FusionRecipe;
const modules = {
  restorer: moduleOf(restorerRecipe(data)),
  denoiser: moduleOf(denoiserRecipe(data)),
};

function moduleOf(recipe: Recipe): Module {
  const weights = initialWeights(defineTraining(recipe, {}).trained, 3);
  return { ...recipeNetwork(recipe), weights };
}

async function batchOf(step: number): Promise<Record<string, Tensor>> {
  const batch = await defineTraining(recipe, modules).batch(await openPhotographs(data), step);
  return batch as Record<string, Tensor>;
}

test('the loss is between x0 and F(IR(y), D(x0 + s_t noise, s_t), t), each module run apart', async () => {
  const definition = defineTraining(recipe, modules);
  const trained = initialWeights(definition.trained, recipe.seed);
  const batch = await batchOf(1);
  const { target, noise, sigma, sampleWeight, low, t } = batch as Record<string, Tensor>;
  const frozen = definition.frozen;
  const together = await evaluate(
    { loss: definition.loss },
    batch,
    new Map([...frozen, ...trained]),
  );

  const { restorer, denoiser } = modules;
  const image = [2, 3, 16, 16];
  const restored = await evaluate(
    {
      y: buildRestorer(
        restorer.network,
        restorer.config,
        new ParameterScope(),
        input('low', low!.shape),
      ),
    },
    { low: low! },
    restorer.weights,
  );
  const noisy = tensor(
    image,
    target!.data.map((value, i) => value + sigma!.data[Math.floor(i / 768)]! * noise!.data[i]!),
  );
  const denoised = await evaluate(
    {
      y: buildDenoiser(
        denoiser.network,
        denoiser.config,
        new ParameterScope(),
        input('noisy', image),
        input('sigma', sigma!.shape),
      ),
    },
    { noisy, sigma: sigma! },
    denoiser.weights,
  );
  const inputs = [input('restored', image), input('denoised', image), input('t', [2])];
  const { config } = recipeNetwork(recipe);
  const fused = await evaluate(
    { y: (fusion as Network).build(config, new ParameterScope(), inputs) },
    { restored: restored.y!, denoised: denoised.y!, t: t! },
    trained,
  );
  const errors = fused.y!.data.map(
    (value, i) => sampleWeight!.data[Math.floor(i / 768)]! * (value - target!.data[i]!) ** 2,
  );
  const loss = errors.reduce((sum, value) => sum + value, 0) / errors.length;
  expect(together.loss!.data[0]! / loss).toBeCloseTo(1, 5);
});

test('only the fusion network is trained: the frozen weights are constants of the step', () => {
  const definition = defineTraining(recipe, modules);
  const names = [...definition.trained.keys()];
  expect(names).toContain('conv_in.weight');
  expect(names.filter((name) => /^(restorer|denoiser)\./.test(name))).toEqual([]);
  const step = buildTrainingStep({ ...definition, average: true });
  const { inputs, outputs } = step.model;
  expect(inputs).toContain('average:conv_in.weight');
  expect(outputs).toContain('next:average:conv_in.weight');
  expect([...inputs, ...outputs].filter((name) => /restorer|denoiser/.test(name))).toEqual([]);
});

test('timesteps lie in 1..maximum, and each noise is the level of its timestep', async () => {
  const wide = fusionRecipe(data, files, {
    batch: 64,
    crop: 8,
    timesteps: { maximum: 6, law: 'uniform' },
  });
  const definition = defineTraining(wide, modules);
  const batch = await definition.batch(await openPhotographs(data), 1);
  const times = [...(batch.t as Tensor).data];
  expect(new Set(times)).toEqual(new Set([1, 2, 3, 4, 5, 6]));
  const schedule = createSchedule();
  expect([...(batch.sigma as Tensor).data]).toEqual(
    times.map((t) => Math.fround(schedule.sigma[t]!)),
  );
});

test('modules and recipes that do not fit each other are refused', () => {
  expect(() => defineTraining(recipe, {})).toThrow(ModelError);
  const define = (changes: object, others: FrozenModules = modules) =>
    defineTraining(fusionRecipe(data, files, changes), others);
  expect(() => define({ scale: 2 })).toThrow("scale: expected the network's own 4, received 2");
  expect(() => define({ crop: 18 })).toThrow(ParameterError);
  expect(() => define({ network: 'compact-restorer', config: {} })).toThrow(
    'network: expected one that fuses two images at a timestep',
  );
  const swapped = { restorer: modules.restorer, denoiser: modules.restorer };
  expect(() => define({}, swapped)).toThrow(ModelError);
});

test('every fusion network can be trained, whatever its parameters are called', () => {
  for (const network of ['fusion', 'fusion-ldwt', 'fusion-tdwa', 'fusion-unet']) {
    const other = { ...recipe, network, config: {} };
    const { loss, trained, frozen } = defineTraining(other, modules);
    const { parameters } = buildTrainingStep({ loss, trained, frozen });
    expect(parameters).toEqual([...trained.keys()]);
  }
});
