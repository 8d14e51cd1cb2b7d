import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { z } from 'zod';
import { sha256Of } from '../files/digest.js';
import { readInputText, readWeights } from '../files/input-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import { perceptualNetworks } from '../networks/registry.js';
import { encodeSafetensors } from '../tensor/safetensors.js';
import { sizeOf, type Tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import { MAX_JSON_BYTES } from '../utils/limits.js';
import { type CatalogueEntry, recognise } from '../weights/catalogue/catalogue.js';
import { detectNetwork } from '../weights/detection/detect.js';
import { joinLpips } from '../weights/join-lpips.js';
import {
  type CheckpointOptions,
  decodeModel,
  decodeState,
  detectedWeights,
  shapesOf,
  widen,
} from '../weights/load-checkpoint.js';
import { encodeModule, type Module, type PerceptualModule } from '../weights/module-file.js';
import { readRecord } from './pull/pull-model.js';

interface ImportOptions extends CheckpointOptions {
  /** torchvision's checkpoint of the backbone, for the heads of LPIPS. */
  readonly backbone?: string;
  /** Stores weights in half precision, which the module then is defined by. */
  readonly half?: boolean;
  /**
   * Writes the tensors of a state dictionary that fits no known architecture as they are, for other
   * programs; without it such a file is refused. Default false.
   */
  readonly unrecognized?: boolean;
}

/** What manifests call the network of tensors that fit none. */
const UNRECOGNIZED = 'unrecognized';

/**
 * Writes a checkpoint of any form as a safetensors file of this package, and its manifest beside.
 * @param from path of the checkpoint, or of the heads of LPIPS, with `backbone`.
 * @throws ModelError where the checkpoint cannot be read or fits no architecture, ParameterError
 * for the options, OutputError where the file cannot be written.
 */
export async function importModel(
  from: string,
  to: string,
  options: ImportOptions = {},
): Promise<ImportManifest> {
  const { backbone, half = false, unrecognized = false, ...decoding } = options;
  if (unrecognized && (half || backbone !== undefined || decoding.network !== undefined))
    throw new ParameterError(
      'unrecognized',
      'neither `half` nor `network` nor `backbone` with it',
      'tensors that stay as they are',
    );
  const source = await readModelFile(from);
  const second = backbone === undefined ? undefined : await readModelFile(backbone);
  const { bytes, ...found } = unrecognized
    ? plainTensors(source, decoding)
    : recognized(source, second, half, decoding);
  const manifest: ImportManifest = {
    format: 'dp-ir-import',
    version: 1,
    source: sourceOf(source),
    ...(second === undefined ? {} : { backbone: sourceOf(second) }),
    ...found,
    half,
    licence: jointLicence(source, second),
    ...(source.entry === undefined ? {} : { catalogue: source.entry.name }),
    bytes: bytes.length,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
  await writeFileAtomic(to, bytes);
  await writeImportManifest(to, manifest);
  return manifest;
}

/** What is written, and what the manifest says of it. */
type Imported = Pick<ImportManifest, 'network' | 'configuration' | 'parameters'> & {
  readonly bytes: Uint8Array;
};

function recognized(
  source: ModelFile,
  second: ModelFile | undefined,
  half: boolean,
  options: CheckpointOptions,
): Imported {
  const decoded =
    second === undefined
      ? decodeSingle(source, options)
      : ({ kind: 'perceptual', module: joined(source, second, options) } as const);
  const bytes =
    decoded.kind === 'network'
      ? encodeModule(decoded.module, { half })
      : encodeModule(decoded.module, { half });
  const { network, config, statedConfig = config, weights } = decoded.module as Module;
  return {
    network: network.name,
    configuration: statedConfig,
    parameters: countOf(weights),
    bytes,
  };
}

/** The tensors of a state dictionary under their own names. */
function plainTensors({ bytes, path }: ModelFile, { at }: CheckpointOptions): Imported {
  const { tensors } = decodeState(bytes, path, at === undefined ? {} : { at });
  return {
    network: UNRECOGNIZED,
    configuration: {},
    parameters: countOf(tensors),
    bytes: encodeSafetensors(tensors),
  };
}

function countOf(tensors: ReadonlyMap<string, Pick<Tensor, 'shape'>>): number {
  return [...tensors.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function decodeSingle(source: ModelFile, options: CheckpointOptions) {
  if (source.entry?.role === 'metric-part')
    throw new ModelError(
      source.path,
      `is ${source.entry.title}, a part of a metric: import the heads of LPIPS with --backbone`,
    );
  const decoded = decodeModel(source.bytes, source.path, options);
  if (decoded.kind === 'onnx')
    throw new ModelError(
      source.path,
      'is an ONNX model, whose weights cannot be taken out; packs take it as it is',
    );
  return decoded;
}

function joined(
  heads: ModelFile,
  backbone: ModelFile,
  options: CheckpointOptions,
): PerceptualModule {
  const tensors = joinLpips(floats(heads, options.at), floats(backbone));
  const found = detectNetwork(shapesOf(tensors), heads.path, { among: perceptualNetworks });
  const { network, config, statedConfig } = found;
  return { network, config, statedConfig, weights: detectedWeights(found, tensors, heads.path) };
}

function floats({ bytes, path }: ModelFile, at?: string): Map<string, Tensor> {
  const { tensors } = decodeState(bytes, path, at === undefined ? {} : { at });
  return new Map([...tensors].map(([key, value]) => [key, widen(value, key, path)]));
}

function sourceOf({ path, bytes, sha256 }: ModelFile): ImportManifest['source'] {
  return { file: basename(path), bytes: bytes.length, sha256 };
}

function jointLicence(source: ModelFile, second: ModelFile | undefined): string {
  const known = [source, ...(second === undefined ? [] : [second])].map(({ licence }) => licence);
  if (known.every((licence) => licence === UNKNOWN_LICENCE)) return UNKNOWN_LICENCE;
  return known.join(' and ');
}

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
type ImportManifest = z.infer<typeof manifestSchema>;

/** Where the manifest of a model lies. */
export function manifestPath(path: string): string {
  return `${path}.json`;
}

async function writeImportManifest(path: string, manifest: ImportManifest): Promise<void> {
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFileAtomic(manifestPath(path), new TextEncoder().encode(text));
}

/** The manifest beside a model; `undefined` where there is no usable one. */
export async function readImportManifest(path: string): Promise<ImportManifest | undefined> {
  try {
    const text = await readInputText(manifestPath(path), MAX_JSON_BYTES);
    const result = manifestSchema.safeParse(JSON.parse(text));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

/** Used where nobody is known to have said what one may do with weights. */
export const UNKNOWN_LICENCE = 'not known';

/** A file of weights with what is known of where it comes from. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
  readonly entry: CatalogueEntry | undefined;
  readonly licence: string;
}

/**
 * Reads a file of weights and recognises it by its hash, or by what is noted beside it.
 * @throws ModelError where it cannot be read.
 */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readWeights(path);
  const sha256 = sha256Of(bytes);
  const gitBlob = createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
  const entry = recognise(basename(path), { sha256, gitBlob });
  const noted = entry === undefined ? await notedLicence(path, sha256) : undefined;
  return { path, bytes, sha256, entry, licence: entry?.licence ?? noted ?? UNKNOWN_LICENCE };
}

/** The licence that is noted beside a file, where the note is of that very file. */
async function notedLicence(path: string, sha256: string): Promise<string | undefined> {
  const note = (await readImportManifest(path)) ?? (await readRecord(path));
  return note?.sha256 === sha256 ? note.licence : undefined;
}
