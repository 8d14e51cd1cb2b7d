import { createSchedule, resolveSampler, samplerSettingNames } from '../../diffusion/index.js';
import { digestOf } from '../../files/digest.js';
import { resolveResult } from '../../restoration/index.js';
import { requirePack } from '../packs/find-pack.js';
import { moduleDigest, PIXELS_VERSION } from '../packs/module-digests.js';
import { DEFAULT_PACK, type RestoreRequest } from './restore-request.js';

/** Settings that leave every byte of a result alone. */
const INDIFFERENT = new Set([
  ...['threads', 'maxPixels', 'memory', 'timeout', 'limits'],
  ...['reportTiling', 'allowBeyondTraining'],
]);
/** Settings that are described in their resolved form. */
const RESOLVED = new Set<string>([
  ...['pack', 'task', 'modules', 'device', 'tile', 'seed', 'samples', 'consistency', 'detail'],
  ...samplerSettingNames,
]);

/**
 * SHA-256 of everything but the input that the bytes of results depend on: the modules' weights,
 * all settings with nothing left to defaults, the device. Requests that say the same in other words
 * have one digest; whatever is not known to leave results alone counts.
 * @throws ModelError for a pack that is none, ParameterError for sampler settings out of range,
 * InputError for a module file that is missing.
 */
export async function describeRestoration(request: RestoreRequest): Promise<string> {
  const { pack, task, modules = {}, device = 'cpu', tile, seed = 0, samples } = request;
  const { manifest } = await requirePack(pack ?? task ?? DEFAULT_PACK);
  const { settings } = resolveSampler(request, {
    schedule: createSchedule(),
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: request.allowBeyondTraining ?? false,
  });
  const others = Object.entries(request).filter(
    ([key, value]) => value !== false && !INDIFFERENT.has(key) && !RESOLVED.has(key),
  );
  const [restorer, denoiser, fusion] = await Promise.all(
    (['restorer', 'denoiser', 'fusion'] as const).map((role) =>
      moduleDigest(manifest, role, modules[role]),
    ),
  );
  return digestOf({
    ...Object.fromEntries(others),
    ...{ version: PIXELS_VERSION, task: manifest.task, scale: manifest.scale, device, seed },
    ...{ restorer, denoiser, fusion, sampler: settings, tile: tile ?? manifest.tile },
    result: resolveResult(request, manifest),
    samples: samples ?? null,
    contracts: [
      manifest.modules.restorer.contract ?? null,
      manifest.modules.denoiser.contract ?? null,
    ],
  });
}
