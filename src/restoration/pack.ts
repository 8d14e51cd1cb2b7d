import { z } from 'zod';
import type { Module } from '../checkpoints/module-file.js';
import { ModelError } from '../tensor/errors.js';

const moduleFileSchema = z.strictObject({
  /** File name inside the pack's folder. */
  file: z.string().regex(/^[\w.-]+$/, 'expected a plain file name'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits'),
});

const manifestSchema = z.strictObject({
  format: z.literal('dp-ir-pack'),
  version: z.literal(1),
  name: z.string().min(1),
  task: z.enum(['sr4']),
  /** Output height over input height. */
  scale: z.int().min(1).max(16),
  modules: z.strictObject({
    restorer: moduleFileSchema,
    denoiser: moduleFileSchema,
    fusion: moduleFileSchema,
  }),
  /** What a restoration uses unless it is told otherwise. */
  sampler: z.strictObject({ tau: z.int().min(1).max(1000), steps: z.int().min(1).max(1000) }),
  /** The largest t that denoiser and fusion network were trained for. */
  tMax: z.int().min(1).max(1000),
  /** Largest side of a tile in pixels of the output. */
  tile: z.int().min(64).max(16384),
  description: z.string().optional(),
});

/** What a pack's `pack.json` says. */
export type PackManifest = z.infer<typeof manifestSchema>;

/** Three modules joined for a task. */
export interface Pack {
  readonly manifest: PackManifest;
  readonly restorer: Module;
  readonly denoiser: Module;
  readonly fusion: Module;
}

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
