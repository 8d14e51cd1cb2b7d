import {
  isOnnx,
  nameOf,
  type PackModule,
  type ProbeReport,
  requireContract,
} from '../../restoration/index.js';
import { ModelError } from '../../tensor/errors.js';
import { decodeModel } from '../../weights/load-checkpoint.js';
import type { Module } from '../../weights/module-file.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import {
  defineOnnxModule,
  type OnnxStatement,
  parseStatement,
} from '../../weights/onnx/onnx-module.js';
import { readJson } from '../read-json.js';

export type ModuleRole = 'restorer' | 'denoiser' | 'fusion';

/**
 * A module to be put into a pack: a file of weights of any form that can be read, or an ONNX file
 * with what is known of its contract.
 */
export type ModuleSource =
  | string
  | { readonly file: string; readonly contract?: OnnxStatement | undefined };

/** The file of a source. */
export function fileOf(source: ModuleSource): string {
  return typeof source === 'string' ? source : source.file;
}

/** Where the contract of an ONNX file may be stated: a JSON file with `.contract.json` in place of `.onnx`. */
export function contractFileOf(source: ModuleSource): string {
  return fileOf(source).replace(/(\.onnx)?$/i, '.contract.json');
}

/**
 * What is stated of the contract of an ONNX file: with the source, or beside it.
 * @throws ModelError where that file is damaged.
 */
export async function statementOf(source: ModuleSource): Promise<OnnxStatement> {
  if (typeof source !== 'string' && source.contract !== undefined)
    return parseStatement(source.contract, `${source.file} contract`);
  if (!/\.onnx$/i.test(fileOf(source))) return {};
  const path = contractFileOf(source);
  const json = await readJson(path);
  return json === undefined ? {} : parseStatement(json, path);
}

/**
 * Reads a file of weights for a role.
 * @param name of the file; one that ends in `.onnx` is read as ONNX.
 * @throws ModelError where it is damaged or for something else.
 */
export function decodePart(bytes: Uint8Array, name: string, role: ModuleRole): Module | OnnxFile {
  const decoded = decodeModel(bytes, name);
  if (decoded.kind === 'perceptual')
    throw new ModelError(name, `is ${decoded.module.network.name}, which judges images`);
  if (decoded.kind === 'network') return decoded.module;
  if (role === 'fusion')
    throw new ModelError(name, 'is an ONNX file; a fusion network must be one of this package');
  return decoded.file;
}

/**
 * Makes a module of what was read, probing the contract of an ONNX file.
 * @throws ModelError where its contract is contradicted, or must be stated.
 */
export async function completePart(
  part: Module | OnnxFile,
  role: ModuleRole,
  source: ModuleSource,
  probe: (file: OnnxFile, stated: OnnxStatement) => Promise<ProbeReport>,
): Promise<PackModule> {
  if ('network' in part) {
    if (typeof source !== 'string' && source.contract !== undefined)
      throw new ModelError(source.file, `is no ONNX file, so that its ${role} has no contract`);
    return part;
  }
  const report = await probe(part, await statementOf(source));
  return defineOnnxModule(part, requireContract(report, part.name));
}

/**
 * The module as the network that it must be here.
 * @throws ModelError for an ONNX file.
 */
export function requireNetwork(module: PackModule): Module {
  if (!isOnnx(module)) return module;
  throw new ModelError(nameOf(module), 'is an ONNX file, expected a network of this package');
}
