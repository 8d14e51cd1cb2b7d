import { input, ParameterScope, type Value } from '../graph/index.js';
import { buildDenoiser } from '../networks/roles.js';
import { ModelError, ParameterError } from '../tensor/errors.js';
import type { Module } from '../weights/module-file.js';
import type { Pack, PackManifest, PackModules } from './pack.js';
import { isOnnx, type PackModule } from './pack-module.js';
import { taskOf } from './tasks/index.js';
import { leastTile } from './tile-settings.js';

/**
 * A pack of three modules, each checked for its role.
 * @param name what messages call the pack.
 * @throws ModelError where a module cannot do its part, the restoration network has another scale
 * than the manifest says, or the manifest's tile is used up by margins.
 */
export function joinPack<Modules extends PackModules>(
  manifest: PackManifest,
  modules: Modules,
  name: string,
): Pack<Modules> {
  const pack = { manifest, ...modules };
  const { restorer, denoiser, fusion } = modules;
  const kind = taskOf(manifest.task).input;
  if (!isOnnx(restorer))
    requireRole(name, 'restorer', restorer, manifest.scale * kind.cell, (scope, image) => {
      const [, , height, width] = image.shape as [number, number, number, number];
      return kind.build(restorer, scope, height, width);
    });
  else if (kind.takesOnnx) requireContract(name, 'restorer', restorer, manifest.scale);
  else
    throw new ModelError(
      name,
      `${restorer.file.name} cannot be its restorer: an ONNX file restores no ${kind.name}; expected a network of this package`,
    );
  if (isOnnx(denoiser)) requireContract(name, 'denoiser', denoiser, 1);
  else
    requireRole(name, 'denoiser', denoiser, 1, (scope, image) =>
      buildDenoiser(denoiser.network, denoiser.config, scope, image, input('sigma', [1, 1, 1, 1])),
    );
  requireRole(name, 'fusion', fusion, 1, (scope, image) => {
    const inputs = [image, image, input('t', [1])];
    const [, , height, width] = image.shape as [number, number, number, number];
    const shapes = fusion.network.inputShapes(fusion.config, { batch: 1, height, width });
    if (shapes.join(' ') !== inputs.map(({ shape }) => shape).join(' '))
      throw new ModelError(fusion.network.name, 'is no fusion network of two pictures and a time');
    return fusion.network.build(fusion.config, scope, inputs);
  });
  const least = leastTile(pack);
  if (manifest.tile < least)
    throw new ModelError(name, 'tile is too small for its modules', {
      expected: `at least ${least} pixels`,
      received: String(manifest.tile),
    });
  return pack;
}

function requireContract(
  name: string,
  role: 'restorer' | 'denoiser',
  module: Extract<PackModule, { contract: unknown }>,
  scale: number,
): void {
  const { contract, file } = module;
  if (contract.role !== role || contract.scale !== scale)
    throw new ModelError(
      name,
      `${file.name} cannot be its ${role}: expected a ${role} of scale ${scale}, received a ${contract.role} of scale ${contract.scale}`,
    );
}

function requireRole(
  name: string,
  role: string,
  { network, config }: Module,
  scale: number,
  build: (scope: ParameterScope, image: Value) => Value,
): void {
  const side = network.sizeRule(config).minimum;
  const image = input('image', [1, 3, side, side]);
  let shape: readonly number[];
  try {
    shape = build(new ParameterScope(), image).shape;
  } catch (cause) {
    if (!(cause instanceof ModelError || cause instanceof ParameterError)) throw cause;
    throw new ModelError(name, `${network.name} cannot be its ${role}: ${cause.message}`, {
      cause,
    });
  }
  const expected = [1, 3, side * scale, side * scale];
  if (shape.join() !== expected.join())
    throw new ModelError(name, `${network.name} cannot be its ${role}`, {
      expected: `an output of [${expected}] for an input of ${side} x ${side}`,
      received: `[${shape}]`,
    });
}
