import { basename, extname, join, resolve } from 'node:path';
import { isFolder } from '../../app/restore/batch/find-pictures.js';
import { isSameFile, type Target } from '../../app/restore/batch/plan-results.js';
import { ParameterError } from '../../tensor/errors.js';

/**
 * The file that a burst's result goes to, and what messages call the burst: its only input, or the
 * first of several. In an existing folder the result is a PNG file of that name.
 * @throws ParameterError where the result would replace a frame.
 */
export async function burstTarget(inputs: readonly string[], output: string): Promise<Target> {
  const input = inputs[0]!;
  const target = {
    input,
    frames: inputs,
    output: (await isFolder(output)) ? join(output, nameOf(input)) : output,
  };
  for (const frame of inputs)
    if (await isSameFile(frame, target.output))
      throw new ParameterError('--output', 'another file than the frames', target.output);
  return target;
}

function nameOf(input: string): string {
  const name = basename(resolve(input)).replace(/[*?]+/g, '');
  const stem = basename(name, extname(name));
  return `${stem === '' ? 'burst' : stem}.png`;
}
