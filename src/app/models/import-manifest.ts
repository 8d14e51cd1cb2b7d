import { z } from 'zod';
import { readInputText } from '../../files/input-file.js';
import { writeFileAtomic } from '../../files/write-atomic.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const source = z.object({ file: z.string(), bytes: z.int().nonnegative(), sha256 });

const manifestSchema = z.object({
  format: z.literal('dp-ir-import'),
  version: z.literal(1),
  /** The checkpoint that the weights come from. */
  source,
  /** The second checkpoint, where a metric is published in two. */
  backbone: source.optional(),
  /** The architecture; `unrecognized` where the file holds the tensors of another. */
  network: z.string(),
  /** In the reference's names. */
  configuration: z.unknown(),
  parameters: z.int().nonnegative(),
  /** Whether weights are stored in half precision. */
  half: z.boolean(),
  licence: z.string(),
  /** The name in the catalogue, where the checkpoint is known. */
  catalogue: z.string().optional(),
  /** The imported file itself. */
  bytes: z.int().nonnegative(),
  sha256,
});

/** What is written beside an imported model. */
export type ImportManifest = z.infer<typeof manifestSchema>;

/** Where the manifest of a model lies. */
export function manifestPath(path: string): string {
  return `${path}.json`;
}

export async function writeImportManifest(path: string, manifest: ImportManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFileAtomic(manifestPath(path), new TextEncoder().encode(text));
}

/** The manifest beside a model; `undefined` where there is no usable one. */
export async function readImportManifest(path: string): Promise<ImportManifest | undefined> {
  try {
    const text = await readInputText(manifestPath(path), 2 ** 20);
    const result = manifestSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}
