import { decodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { readFile } from 'node:fs/promises';

/** Where the parts of a case lie; at least one is there. */
export interface CaseFiles {
  /** Path below the folder that was asked for, without extension. */
  readonly name: string;
  readonly json?: string;
  readonly safetensors?: string;
  readonly checkpoint?: string;
}

/** A case in memory. Missing parts are empty. */
export interface ConformanceCase {
  readonly name: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  readonly metadata: ReadonlyMap<string, string>;
  /** Path of the checkpoint file that the case is about. */
  readonly checkpoint?: string;
}

/**
 * Reads the files of a case.
 * @throws ModelError or SyntaxError where one is damaged.
 */
export async function loadCase(files: CaseFiles): Promise<ConformanceCase> {
  const json: unknown =
    files.json === undefined ? {} : JSON.parse(await readFile(files.json, 'utf8'));
  if (typeof json !== 'object' || json === null)
    throw new SyntaxError(`${files.json}: expected a JSON object`);
  const content =
    files.safetensors === undefined
      ? { tensors: new Map(), metadata: new Map() }
      : decodeSafetensors(await readFile(files.safetensors), files.safetensors);
  return {
    name: files.name,
    json: json as Record<string, unknown>,
    ...content,
    ...(files.checkpoint !== undefined && { checkpoint: files.checkpoint }),
  };
}
