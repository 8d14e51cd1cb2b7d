import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { toFloat32 } from '../tensor/half.js';
import { decodeSafetensors } from '../tensor/safetensors.js';
import type { DataType, Tensor } from '../tensor/tensor.js';
import { InputError } from '../utils/errors.js';

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

/**
 * The cases of a folder and its subfolders, by name. A case is NAME.safetensors, NAME.json or both;
 * in a folder of checkpoints it is NAME.pth, with NAME.expected.safetensors and a common index.
 * @throws InputError where the folder cannot be listed.
 */
export async function findCases(folder: string): Promise<CaseFiles[]> {
  const cases = await casesBelow(folder, folder);
  return cases.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

async function casesBelow(root: string, folder: string): Promise<CaseFiles[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new InputError(folder, 'the folder cannot be listed', { cause });
  });
  const found: CaseFiles[] = [];
  for (const entry of entries)
    if (entry.isDirectory()) found.push(...(await casesBelow(root, join(folder, entry.name))));
  const files = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name);
  const named = (stem: string) => relative(root, join(folder, stem)).replaceAll('\\', '/');
  const checkpoints = files.filter((file) => file.endsWith('.pth'));
  if (checkpoints.length > 0) {
    for (const file of checkpoints)
      found.push({ name: named(file.slice(0, -4)), checkpoint: join(folder, file) });
    return found;
  }
  const stems = new Set(
    files.flatMap((file) => /^(.+)\.(?:json|safetensors)$/.exec(file)?.[1] ?? []),
  );
  for (const stem of stems)
    found.push({
      name: named(stem),
      ...(files.includes(`${stem}.json`) && { json: join(folder, `${stem}.json`) }),
      ...(files.includes(`${stem}.safetensors`) && {
        safetensors: join(folder, `${stem}.safetensors`),
      }),
    });
  return found;
}

/** A comparison with the reference; it passes where the error is at most the tolerance. */
export interface Comparison {
  readonly error: number;
  readonly tolerance: number;
  /** Which of several comparisons this is. */
  readonly part?: string;
}

/** The reason why a case cannot be run yet. */
interface Skipped {
  readonly skip: string;
}

/** A kind of case, recognised by its content. A new one is one object of this type. */
export interface Kind {
  readonly name: string;
  recognises(candidate: ConformanceCase): boolean;
  /** @throws Error where the case is damaged or what it tests fails. */
  run(candidate: ConformanceCase): Promise<Comparison | Skipped>;
}

/**
 * Compares element by element.
 * @param tolerance on the largest absolute difference, given the largest absolute expected value.
 * @throws Error where the shapes differ.
 */
export function compareTensors(
  part: string,
  received: Tensor,
  expected: Tensor,
  tolerance: (largestExpected: number) => number,
): Comparison {
  if (received.shape.join() !== expected.shape.join())
    throw new Error(`${part}: expected shape [${expected.shape}], received [${received.shape}]`);
  let error = 0;
  let largest = 0;
  for (let index = 0; index < expected.data.length; index++) {
    const difference = Math.abs(received.data[index]! - expected.data[index]!);
    // Written so that NaN, which compares false, becomes the error.
    if (!(difference <= error)) error = difference;
    if (Number.isNaN(error)) break;
    largest = Math.max(largest, Math.abs(expected.data[index]!));
  }
  return { part, error, tolerance: tolerance(largest) };
}

/** Relative error of one number; absolute where zero is expected. */
export function compareNumbers(
  part: string,
  received: number,
  expected: number,
  tolerance: number,
): Comparison {
  if (received === expected) return { part, error: 0, tolerance };
  const scale = expected === 0 ? 1 : Math.abs(expected);
  return { part, error: Math.abs(received - expected) / scale, tolerance };
}

/** True where the error, NaN included, is within the tolerance. */
export function passes({ error, tolerance }: Comparison): boolean {
  return error <= tolerance;
}

/**
 * The comparison that comes nearest to failing, or fails worst.
 * @throws Error where there is nothing to compare.
 */
export function worst(comparisons: readonly Comparison[]): Comparison {
  if (comparisons.length === 0) throw new Error('the case holds nothing to compare');
  return comparisons.reduce((a, b) => (share(b) > share(a) ? b : a));
}

function share({ error, tolerance }: Comparison): number {
  return Number.isNaN(error) ? Infinity : error / tolerance;
}

/**
 * A tensor of a case as float32.
 * @throws Error where the case lacks it.
 */
export function floatTensor({ tensors }: ConformanceCase, name: string): Tensor {
  const found: Tensor<DataType> | undefined = tensors.get(name);
  if (found === undefined) throw new Error(`the case has no tensor ${name}`);
  return toFloat32(found);
}
