import { realpath, stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { ParameterError } from '../../tensor/errors.js';

/** A picture to restore and the file that its result goes to. */
export interface Target {
  readonly input: string;
  readonly output: string;
}

/** Formats that hold whatever was decoded from them; results of other inputs are PNG. */
const KEPT = /\.(png|tiff?|webp|jpe?g)$/i;

/**
 * Pairs inputs with outputs: one file, or files of the inputs' names in an existing folder.
 * @throws ParameterError where several pictures have no folder to go to, two results would have
 * one name, or a result would replace its own input.
 */
export async function targetsOf(inputs: readonly string[], output: string): Promise<Target[]> {
  const targets = (await isFolder(output))
    ? inputs.map((input) => ({ input, output: join(output, resultName(input)) }))
    : inputs.map((input) => ({ input, output }));
  if (inputs.length > 1 && targets[0]!.output === output)
    throw new ParameterError('--output', 'an existing folder for several pictures', output);
  const names = new Set<string>();
  for (const target of targets) {
    if (names.has(target.output))
      throw new ParameterError(
        '--input',
        'pictures of different names',
        inputs,
        `Two results would be ${target.output}.`,
      );
    names.add(target.output);
    if (await isSameFile(target))
      throw new ParameterError('--output', 'another file than the input', target.output);
  }
  return targets;
}

function resultName(input: string): string {
  const extension = KEPT.test(input) ? extname(input) : '.png';
  return `${basename(input, extname(input))}${extension}`;
}

/** Whether there is a folder of this name. */
export function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
}

/** Whether the output is the input by another name. */
export async function isSameFile({ input, output }: Target): Promise<boolean> {
  try {
    return (await realpath(input)) === (await realpath(output));
  } catch {
    return false;
  }
}
