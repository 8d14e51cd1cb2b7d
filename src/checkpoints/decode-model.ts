import { findPerceptualNetwork } from '../networks/perceptual/registry.js';
import { decodeState } from './decode-state.js';
import { detect } from './detection/index.js';
import {
  type CheckpointOptions,
  decodeCheckpoint,
  decodePerceptualCheckpoint,
  shapesOf,
} from './load-checkpoint.js';
import type { Module } from './module-file.js';
import { decodeOnnx, type OnnxFile } from './onnx/index.js';
import type { PerceptualModule } from './perceptual/perceptual-module.js';

/** A file of weights of any kind. */
export type DecodedModel =
  | { readonly kind: 'network'; readonly module: Module }
  | { readonly kind: 'perceptual'; readonly module: PerceptualModule }
  | { readonly kind: 'onnx'; readonly file: OnnxFile };

/**
 * Reads a file of weights: an ONNX model where its name ends in `.onnx`, otherwise a checkpoint of
 * a network that makes pictures or judges them, whichever it turns out to be.
 * @param name of the file.
 * @throws ModelError and ParameterError as `decodeCheckpoint` and `decodeOnnx`.
 */
export function decodeModel(
  bytes: Uint8Array,
  name: string,
  options: CheckpointOptions = {},
): DecodedModel {
  if (/\.onnx$/i.test(name)) return { kind: 'onnx', file: decodeOnnx(bytes, name) };
  if (isPerceptual(bytes, name, options))
    return { kind: 'perceptual', module: decodePerceptualCheckpoint(bytes, name, options) };
  return { kind: 'network', module: decodeCheckpoint(bytes, name, options) };
}

function isPerceptual(bytes: Uint8Array, name: string, options: CheckpointOptions): boolean {
  if (options.network !== undefined || options.config !== undefined) return false;
  const { tensors, metadata } = decodeState(bytes, name, options);
  const stated = metadata.get('network');
  if (stated !== undefined && metadata.has('config'))
    return findPerceptualNetwork(stated) !== undefined;
  return detect(shapesOf(tensors), name).kind === 'perceptual';
}
