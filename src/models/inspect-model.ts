import { join } from 'node:path';
import { readWeights } from '../files/input-file.js';
import { cost, ParameterScope } from '../graph/index.js';
import { networkInputs } from '../networks/network.js';
import type { PackManifest } from '../restoration/index.js';
import { sizeOf } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import type { CatalogueEntry } from '../weights/catalogue/catalogue.js';
import { describeModule, type ModuleFacts } from '../weights/describe-module.js';
import { type CheckpointOptions, decodeModel, decodeState } from '../weights/load-checkpoint.js';
import type { Module, PerceptualModule } from '../weights/module-file.js';
import type { OnnxFile } from '../weights/onnx/decode-onnx.js';
import { readModelFile } from './import-model.js';
import { type PackFolder, packFile } from './packs.js';

/** What is to know of a network that judges images. */
export interface PerceptualFacts {
  readonly architecture: string;
  readonly configuration: unknown;
  readonly parameters: number;
  readonly role: 'perceptual';
  /** 2 where an image is compared with its reference. */
  readonly images: 1 | 2;
  readonly better: 'lower' | 'higher';
  /** Smallest height and width. */
  readonly minimum: number;
  /** Multiply-adds per 10^6 pixels of an image. */
  readonly macsPerMegapixel: number;
}

/** What is to know of an ONNX file before its contract is stated. */
export interface OnnxFacts
  extends Pick<OnnxFile, 'inputs' | 'output' | 'opset' | 'producer' | 'nodes' | 'parameters'> {
  readonly architecture: 'onnx';
  readonly operators: Readonly<Record<string, number>>;
}

/** What is to know of a part of a metric, which is no network by itself. */
interface PartFacts {
  readonly architecture: string;
  readonly parameters: number;
  readonly tensors: number;
}

/** A file of weights, described. */
export type InspectedFile = {
  readonly file: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly licence: string;
  /** The name in the catalogue, where the file is known. */
  readonly catalogue?: string;
} & (
  | ({ readonly kind: 'network' } & ModuleFacts)
  | ({ readonly kind: 'perceptual' } & PerceptualFacts)
  | ({ readonly kind: 'onnx' } & OnnxFacts)
  | ({ readonly kind: 'part' } & PartFacts)
);

/**
 * Describes a file of weights: what it is, from its content alone, and what is known of where it
 * comes from.
 * @throws ModelError where it cannot be read or fits no architecture.
 */
export async function inspectFile(
  path: string,
  options: CheckpointOptions = {},
): Promise<InspectedFile> {
  const { bytes, sha256, entry, licence } = await readModelFile(path);
  return {
    file: path,
    bytes: bytes.length,
    sha256,
    licence,
    ...(entry === undefined ? {} : { catalogue: entry.name }),
    ...factsOf(bytes, path, entry, options),
  };
}

function factsOf(
  bytes: Uint8Array,
  path: string,
  entry: CatalogueEntry | undefined,
  options: CheckpointOptions,
) {
  if (entry?.role === 'metric-part')
    return { kind: 'part', ...partFacts(bytes, path, entry) } as const;
  const decoded = decodeModel(bytes, path, options);
  switch (decoded.kind) {
    case 'network':
      return { kind: 'network', ...networkFacts(decoded.module) } as const;
    case 'perceptual':
      return { kind: 'perceptual', ...perceptualFacts(decoded.module) } as const;
    case 'onnx':
      return { kind: 'onnx', ...onnxFacts(decoded.file) } as const;
  }
}

function networkFacts(module: Module): ModuleFacts {
  return describeModule(module);
}

function onnxFacts(file: OnnxFile): OnnxFacts {
  const { inputs, output, opset, producer, nodes, parameters } = file;
  const operators = Object.fromEntries([...file.operators].sort(([, a], [, b]) => b - a));
  return {
    architecture: 'onnx',
    inputs,
    output,
    opset,
    producer,
    nodes,
    parameters,
    operators,
  };
}

const MEGAPIXEL = 1e6;
const MEASURED_SIDE = 64;

function perceptualFacts({
  network,
  config,
  statedConfig = config,
  weights,
}: PerceptualModule): PerceptualFacts {
  const { minimum } = network.sizeRule(config);
  const side = Math.max(MEASURED_SIDE, minimum);
  const inputs = networkInputs(network, config, { height: side, width: side });
  const score = network.build(config, new ParameterScope(), inputs);
  return {
    architecture: network.name,
    configuration: statedConfig,
    parameters: [...weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    role: network.role,
    images: network.images,
    better: network.better,
    minimum,
    macsPerMegapixel: (cost([score]).macs * MEGAPIXEL) / side ** 2,
  };
}

function partFacts(bytes: Uint8Array, path: string, { network }: CatalogueEntry): PartFacts {
  const tensors = [...decodeState(bytes, path).tensors.values()];
  const parameters = tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return { architecture: network, parameters, tensors: tensors.length };
}

/** A pack with what is to know of its three modules. */
export interface InspectedPack {
  readonly kind: 'pack';
  readonly folder: string;
  readonly manifest: PackManifest;
  readonly modules: Readonly<Record<keyof PackManifest['modules'], ModuleFacts | OnnxFacts>>;
}

/**
 * Describes a pack.
 * @throws ModelError where a module is missing, damaged or of no known kind.
 */
export async function inspectPack({ folder, manifest }: PackFolder): Promise<InspectedPack> {
  const describe = async (
    role: keyof PackManifest['modules'],
  ): Promise<ModuleFacts | OnnxFacts> => {
    const { file } = manifest.modules[role];
    const path = join(folder, file);
    const bytes = await readWeights(await packFile(folder, file));
    const decoded = decodeModel(bytes, path);
    if (decoded.kind === 'network') return networkFacts(decoded.module);
    if (decoded.kind === 'onnx') return onnxFacts(decoded.file);
    throw new ModelError(path, `is ${decoded.module.network.name}, which judges images`);
  };
  const modules = {
    restorer: await describe('restorer'),
    denoiser: await describe('denoiser'),
    fusion: await describe('fusion'),
  };
  return { kind: 'pack', folder, manifest, modules };
}
