import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { ModelError, ParameterError } from '../../tensor/errors.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import { sizeOf, type Tensor } from '../../tensor/tensor.js';
import { detectPerceptual } from '../../weights/detection/detect.js';
import { joinLpips } from '../../weights/join-lpips.js';
import {
  type CheckpointOptions,
  decodeModel,
  decodeState,
  detectedWeights,
  shapesOf,
  widen,
} from '../../weights/load-checkpoint.js';
import {
  encodeModule,
  encodePerceptualModule,
  type Module,
  type PerceptualModule,
} from '../../weights/module-file.js';
import { type ImportManifest, writeImportManifest } from './import-manifest.js';
import { type ModelFile, readModelFile, UNKNOWN_LICENCE } from './model-file.js';

export interface ImportOptions extends CheckpointOptions {
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
export const UNRECOGNIZED = 'unrecognized';

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
      : encodePerceptualModule(decoded.module, { half });
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
  const found = detectPerceptual(shapesOf(tensors), heads.path);
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
