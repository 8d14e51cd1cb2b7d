import { stat } from 'node:fs/promises';
import { basename, extname } from 'node:path';
import { findImages, isFolder, isPattern } from '../../app/restore/batch/find-pictures.js';
import { ResultNames, type Target, targetsIn } from '../../app/restore/batch/plan-results.js';
import type { SampleRequest } from '../../app/restore/samples/samples.js';
import { ParameterError } from '../../tensor/errors.js';

/** What is restored, and the folder that results go to; a single image may go to a file. */
export interface Targets {
  readonly targets: readonly Target[];
  readonly folder: string | undefined;
}

/**
 * Pairs inputs with outputs: one file, or files of the inputs' names and paths in a folder, which
 * is made where it is none yet.
 * @throws ParameterError where several images have no folder to go to, two results would have
 * one name, or a result would replace an input; InputError for inputs without images.
 */
export async function targetsOf(
  inputs: readonly string[],
  output: string,
  { recursive, ...samples }: SampleRequest & { readonly recursive?: boolean } = {},
): Promise<Targets> {
  const folder = await folderOf(inputs, output);
  if (folder === undefined) {
    const target = { input: inputs[0]!, output };
    return { targets: [await new ResultNames(samples).take(target)], folder };
  }
  const images = await findImages(inputs, { recursive, leaveOut: folder });
  return { targets: await targetsIn(folder, images, samples), folder };
}

/** Whether a word stands for images rather than for a file: one may really be called `*.png`. */
async function namesSeveral(input: string): Promise<boolean> {
  const facts = await stat(input).catch(() => undefined);
  return facts === undefined ? isPattern(input) : facts.isDirectory();
}

/**
 * The folder that results go to; undefined for one image that goes to a file.
 * @throws ParameterError where several images would go to a file.
 */
export async function folderOf(
  inputs: readonly string[],
  output: string,
): Promise<string | undefined> {
  if (await isFolder(output)) return output;
  const [input] = inputs;
  const isOne = inputs.length === 1 && !(await namesSeveral(input!));
  const isNamed = /[\\/]$/.test(output);
  if (isOne && !isNamed) return undefined;
  if (isNamed || extname(basename(output)) === '') return output;
  throw new ParameterError('--output', 'an existing folder for several images', output);
}
