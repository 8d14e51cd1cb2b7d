import { z } from 'zod';
import { noiseLevelKinds, samplerKinds, startModes, varianceKinds } from '../diffusion/index.js';
import { input, ParameterScope, type Value } from '../graph/index.js';
import { buildDenoiser, requireFusionNetwork } from '../networks/roles.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import type { Module } from '../weights/module-file.js';
import { onnxContractSchema } from '../weights/onnx/onnx-module.js';
import { isOnnx, type PackModule } from './pack-module.js';
import { taskNames } from './task-names.js';
import { taskOf } from './tasks.js';
import { leastTile } from './tiles/tile-settings.js';

const moduleFileSchema = z.strictObject({
  /** File inside the pack's folder, or in a folder beside it that packs share. */
  file: z
    .string()
    .regex(
      /^(\.\.\/[\w-][\w.-]*\/)?[\w-][\w.-]*$/,
      'expected a plain file name, or ../FOLDER/NAME',
    ),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
  /** Where the weights come from and what one may do with them. */
  provenance: z
    .strictObject({
      source: z.string().optional(),
      licence: z.string().optional(),
      note: z.string().optional(),
    })
    .optional(),
});

/** A restoration network or denoiser may be an ONNX file, which needs a contract. */
const openModuleSchema = moduleFileSchema
  .extend({ contract: onnxContractSchema.optional() })
  .refine(({ file, contract }) => file.endsWith('.onnx') === (contract !== undefined), {
    path: ['contract'],
    message: 'expected for .onnx files, and for them only',
  });

/**
 * How a result agrees with the input. `exact`: degraded again it is the input, up to the limits of
 * [0, 1]; right for inputs that the task's degradation made without noise. `cautious`: as far as the
 * noise that the input seems to hold lets it be believed. `none`: as the chain leaves it.
 */
export type ConsistencyKind = 'exact' | 'cautious' | 'none';
export const consistencyKinds = [
  'exact',
  'cautious',
  'none',
] as const satisfies readonly ConsistencyKind[];

const time = z.int().min(1).max(1000);
const share = z.number().min(0).max(1);

const manifestSchema = z
  .strictObject({
    format: z.literal('dp-ir-pack'),
    version: z.literal(1),
    name: z.string().min(1),
    /** Counts the states in which a pack was published; 1 where absent. */
    revision: z.int().min(1).optional(),
    task: z.enum(taskNames),
    /** Pixels of the result for one of the image or mosaic, along each side. */
    scale: z.int().min(1).max(16),
    modules: z.strictObject({
      restorer: openModuleSchema,
      denoiser: openModuleSchema,
      fusion: moduleFileSchema,
    }),
    /** What a restoration uses unless it is told otherwise. */
    sampler: z.strictObject({
      tau: time,
      steps: time,
      start: z.enum(startModes).optional(),
      sampler: z.enum(samplerKinds).optional(),
      eta: share.optional(),
      variance: z.enum(varianceKinds).optional(),
      noiseLevel: z.enum(noiseLevelKinds).optional(),
    }),
    /** What becomes of a finished chain. */
    result: z
      .strictObject({
        consistency: z.enum(consistencyKinds).optional(),
        detail: share.optional(),
        /** Mean squared error of x_IR, which `cautious` weighs the input's noise against. */
        restoredError: z.number().gt(0).optional(),
      })
      .optional(),
    /** The largest t that denoiser and fusion network were trained for. */
    tMax: time,
    /** Largest side of a tile in pixels of the output. */
    tile: z.int().min(64).max(16384),
    description: z.string().optional(),
  })
  .superRefine(({ task, scale, sampler: { tau, steps }, tMax }, context) => {
    const refuse = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    const { scales } = taskOf(task);
    if (!scales.includes(scale))
      refuse(['scale'], `expected ${scales.join(' or ')} for ${task}, received ${scale}`);
    if (tau > tMax) refuse(['sampler', 'tau'], `expected at most tMax ${tMax}, received ${tau}`);
    if (steps > tau) refuse(['sampler', 'steps'], `expected at most tau ${tau}, received ${steps}`);
  });

/** What a pack's `pack.json` says. */
export type PackManifest = z.infer<typeof manifestSchema>;

/** The three modules of a pack. */
export interface PackModules {
  /** E[x0 | y], run once. */
  readonly restorer: PackModule;
  /** E[x0 | x0 + sigma noise]. */
  readonly denoiser: PackModule;
  /** E[x0 | y, x_t] from the two: always a network of this package. */
  readonly fusion: Module;
}

/** Three modules joined for a task. */
export type Pack<Modules extends PackModules = PackModules> = Modules & {
  readonly manifest: PackManifest;
};

/**
 * A pack's manifest, checked.
 * @param name what messages call it.
 * @throws ModelError that names the first entry at fault.
 */
export function parseManifest(json: unknown, name: string): PackManifest {
  const result = manifestSchema.safeParse(json);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  throw new ModelError(name, `${path.join('.') || 'the manifest'}: ${message}`);
}

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
    const network = requireFusionNetwork(fusion.network);
    return network.build(fusion.config, scope, [image, image, input('t', [1])]);
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
