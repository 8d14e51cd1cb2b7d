import { parseRecipe, type Recipe } from '../recipe.js';

const tiny = {
  seed: 7,
  steps: 12,
  batch: 2,
  crop: 16,
  learningRate: 2e-3,
  schedule: { kind: 'cosine', final: 0.1 },
  warmup: 3,
  average: 0.99,
};

/** A restorer's recipe that trains in milliseconds. */
export function restorerRecipe(data: string, changes: object = {}): Recipe {
  return parseRecipe({
    ...tiny,
    kind: 'restorer',
    data,
    loss: 'l1',
    scale: 4,
    network: 'compact-restorer',
    config: { scale: 4, features: 4, blocks: 1 },
    ...changes,
  });
}

/** A recipe for deblurring that trains in milliseconds. */
export function deblurRecipe(data: string, changes: object = {}): Recipe {
  return parseRecipe({
    ...tiny,
    kind: 'restorer',
    task: 'deblur',
    data,
    ...('pairs' in changes ? {} : { degradation: shortBlur }),
    loss: 'charbonnier',
    network: 'nafnet',
    config: { width: 4, enc_blk_nums: [1], middle_blk_num: 1, dec_blk_nums: [1] },
    ...changes,
  });
}

/** A recipe for bursts that trains in milliseconds. */
export function burstRecipe(data: string, changes: object = {}): Recipe {
  return parseRecipe({
    ...tiny,
    kind: 'restorer',
    task: 'burst',
    data,
    scale: 2,
    burst: { frames: 3, maxTranslation: 4, maxRotation: 0.5 },
    loss: 'l1',
    network: 'compact-burst',
    config: {
      ...{ scale: 2, features: 4, encoderBlocks: 1, trunkFeatures: 4, trunkBlocks: 1 },
      ...{ flowLevels: 2, maxFlow: 3, window: 2 },
    },
    ...changes,
  });
}

/** Blur whose margin fits small images. */
const shortBlur = { kind: 'motion-blur', path: 4, rotation: 0, objects: false };

/** A denoiser's recipe that trains in milliseconds. */
export function denoiserRecipe(data: string, changes: object = {}): Recipe {
  return parseRecipe({
    ...tiny,
    kind: 'denoiser',
    data,
    loss: 'mse',
    sigma: { minimum: 0.01, maximum: 0.5, law: 'log-uniform' },
    network: 'unshuffled-unet',
    config: { unshuffle: 2, widths: [4, 6], blocks: 1 },
    ...changes,
  });
}

/** A fusion network's recipe that trains in milliseconds, between two module files. */
export function fusionRecipe(
  data: string,
  modules: { readonly restorer: string; readonly denoiser: string },
  changes: object = {},
): Recipe {
  return parseRecipe({
    ...tiny,
    ...modules,
    kind: 'fusion',
    data,
    loss: 'mse',
    scale: 4,
    timesteps: { maximum: 50, law: 'log-uniform' },
    network: 'fusion',
    config: { features: 4, growth: 2, unshuffle: 2, residual: true },
    ...changes,
  });
}

/** As `fusionRecipe`, for deblurring with restored crops that are kept. */
export function deblurFusionRecipe(
  data: string,
  modules: { readonly restorer: string; readonly denoiser: string },
  changes: object = {},
): Recipe {
  const { scale: _, ...entries } = fusionRecipe(data, modules) as unknown as Record<
    string,
    unknown
  >;
  const task = { task: 'deblur', degradation: shortBlur, cache: { samples: 6 } };
  return parseRecipe({ ...entries, ...task, ...changes });
}

/** As `fusionRecipe`, for bursts. */
export function burstFusionRecipe(
  data: string,
  modules: { readonly restorer: string; readonly denoiser: string },
  changes: object = {},
): Recipe {
  const burst = { frames: 3, maxTranslation: 4, maxRotation: 0.5 };
  const task = { task: 'burst', scale: 2, burst, cache: { samples: 6 } };
  return parseRecipe({ ...fusionRecipe(data, modules), ...task, ...changes });
}
