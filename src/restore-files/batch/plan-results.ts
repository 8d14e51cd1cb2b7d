import { realpath } from 'node:fs/promises';
import { extname, join, resolve } from 'node:path';
import type { Engine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import { OutputError, ParameterError } from '../../utils/errors.js';
import type { RestoreRequest } from '../restore-request.js';
import { listPaths, resultPaths, type SampleRequest } from '../samples.js';
import type { ImageWork } from '../time-left.js';
import type { FoundImage } from './find-inputs.js';

/** An image or burst to restore and the file that its result goes to. */
export interface Target {
  /** Of a burst what messages call it. */
  readonly input: string;
  /** Of a burst alone: files, folders or patterns that name its frames. */
  readonly frames?: readonly string[];
  readonly output: string;
}

/** Formats that hold whatever was decoded from them; results of other inputs are PNG. */
const SAME_FORMAT = /\.(png|tiff?|webp|jpe?g)$/i;
/** Systems on which names that differ in case alone are one. */
const IGNORES_CASE = process.platform === 'darwin' || process.platform === 'win32';

/** Gives every image the name of its result, and no name twice. */
export class ResultNames {
  readonly #samples: SampleRequest;
  /** The input that each file is for. */
  readonly #taken = new Map<string, string>();

  /** @throws ParameterError for numbers of samples out of range. */
  constructor(samples: SampleRequest = {}) {
    resultPaths('x.png', samples);
    this.#samples = samples;
  }

  /** The target of an image in a folder: a file of its name and, where that can hold it, format. */
  inFolder({ input, name, isBurst }: FoundImage, folder: string): Promise<Target> {
    if (isBurst) return this.take({ input, frames: [input], output: join(folder, `${name}.png`) });
    const extension = SAME_FORMAT.test(name) ? extname(name) : '.png';
    const stem = name.slice(0, name.length - extname(name).length);
    return this.take({ input, output: join(folder, `${stem}${extension}`) });
  }

  /**
   * Takes the files of a target.
   * @throws OutputError where one of them belongs to another input, or is an input.
   */
  async take(target: Target): Promise<Target> {
    const { input, output } = target;
    const files = listPaths(resultPaths(output, this.#samples));
    for (const file of files) {
      const other = this.#taken.get(keyOf(file));
      if (other !== undefined && other !== input)
        throw new OutputError(file, `would be the result of both ${other} and ${input}`);
      if (await isSameFile(input, file))
        throw new ParameterError('output', 'another file than the input', file);
    }
    for (const file of files) this.#taken.set(keyOf(file), input);
    return target;
  }
}

/**
 * The targets of images whose results go into a folder. Nothing is made yet.
 * @throws ParameterError where two results would be one file, or a result would replace an input.
 */
export async function targetsIn(
  folder: string,
  images: readonly FoundImage[],
  samples: SampleRequest = {},
): Promise<Target[]> {
  const names = new ResultNames(samples);
  const targets: Target[] = [];
  for (const image of images) {
    try {
      targets.push(await names.inFolder(image, folder));
    } catch (error) {
      if (!(error instanceof OutputError)) throw error;
      throw new ParameterError(
        'input',
        'images of different names',
        image.input,
        `Two results would be one file: ${error.message}.`,
      );
    }
  }
  const inputs = new Map(images.map(({ input }) => [keyOf(input), input]));
  for (const { output } of targets)
    for (const file of listPaths(resultPaths(output, samples))) {
      const other = inputs.get(keyOf(file));
      if (other !== undefined)
        throw new ParameterError('output', 'another file than an input', other);
    }
  return targets;
}

function keyOf(path: string): string {
  const absolute = resolve(path);
  return IGNORES_CASE ? absolute.toLowerCase() : absolute;
}

/** Whether the output is the input by another name. */
export async function isSameFile(input: string, output: string): Promise<boolean> {
  try {
    return (await realpath(input)) === (await realpath(output));
  } catch {
    return false;
  }
}

const planJob = defineJob<typeof import('./plan-job.js').countWork>(
  new URL('./plan-job.js', import.meta.url),
  'countWork',
);

/**
 * The work of restoring each of some images, counted from their headers; undefined for those
 * that cannot be read.
 * @throws ParameterError, ModelError or EngineError for a request that fits none of them,
 * CancelledError.
 */
export function planWork(
  inputs: readonly string[],
  request: RestoreRequest,
  { engine, signal }: { readonly engine: Engine; readonly signal?: AbortSignal },
): Promise<(ImageWork | undefined)[]> {
  return engine.run(planJob, { inputs, ...request }, { signal });
}
