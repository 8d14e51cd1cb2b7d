import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SamplerRequest } from '../diffusion/index.js';
import { detectFormat, type ImageFormat } from '../images/format.js';
import type { Burst, RestoreProgress, TaskNameOf } from '../restoration/index.js';
import type { Tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { requireKnownOptions } from './options.js';
import {
  type RestoredImage,
  RUN_OPTIONS,
  type RunOptions,
  restoreBurst,
  restoreFile,
  restoreImage,
} from './restore.js';
import type { RestoreFacts, RestoreRequest, UncertaintyFacts } from './restore-request.js';
import { TimeLeft } from './time-left.js';

/** How far a restoration has come, and how long it will still take. */
export interface RestoreEvent extends RestoreProgress {
  /** Part of the work that is done, in [0, 1]. */
  readonly share: number;
  /** Seconds to go; undefined until a speed is known. */
  readonly secondsLeft: number | undefined;
}

/** A chain; what contradicts itself is none. */
type Chain = Pick<SamplerRequest, 'steps' | 'variance' | 'noiseLevel'> &
  (
    | { readonly sampler: 'ancestral' | 'dpmpp-2m'; readonly eta?: undefined }
    | { readonly sampler?: 'ddim' | undefined; readonly eta?: number | undefined }
  ) &
  (
    | { readonly start: 'full'; readonly tau?: undefined }
    | { readonly start?: 'accelerated' | 'noised' | undefined; readonly tau?: number | undefined }
  );

/** What all restorations may be asked. */
type Common = Chain &
  Omit<RestoreRequest, keyof SamplerRequest | 'task' | 'strip' | 'limits' | 'reportTiling'> &
  Pick<RunOptions, 'signal' | 'engine'> & {
    readonly onProgress?: ((event: RestoreEvent) => void) | undefined;
  };

/** How an image in memory is restored; everything has a default. */
export type ImageOptions = Common & {
  readonly task?: TaskNameOf<'image'> | undefined;
};

/** How a burst in memory is restored; everything has a default. */
export type BurstImageOptions = Common & {
  /** Pixels of the result for one of the mosaic along each side; default: the pack's. */
  readonly scale?: 1 | 2 | 4 | undefined;
  /** Most frames that are used, the sharpest; default: all that the network takes. */
  readonly frames?: number | undefined;
};

/** How an image file is restored to another. */
export type FileOptions = ImageOptions &
  Pick<RestoreRequest, 'strip' | 'limits'> & {
    /** The result, whose extension names the format. */
    readonly output: string;
  };

/** How the bytes of an image file are restored to those of another. */
export type BytesOptions = Omit<ImageOptions, 'samples' | 'mean'> &
  Pick<RestoreRequest, 'strip' | 'limits'> & {
    /** Of the result; default: that of the input, PNG where it may not hold the result. */
    readonly format?: ImageFormat | undefined;
  };

/** The bytes of a restored image file, and what the restoration reports. */
export interface RestoredBytes extends Omit<RestoreFacts, 'uncertainty'> {
  readonly bytes: Uint8Array;
}

/** Options of a call, none of which `Shape` lacks. */
type Exact<Options, Shape> = Options & Record<Exclude<keyof Options, keyof Shape>, never>;

/** What a restoration in memory gives: the fields that its options ask for. */
export type Restored<Options> = Omit<RestoredImage, 'samples' | 'deviation' | 'uncertainty'> &
  (Options extends { readonly samples: number }
    ? { readonly samples: readonly Tensor[] }
    : unknown) &
  (Options extends { readonly mean: number }
    ? { readonly deviation: Tensor; readonly uncertainty: UncertaintyFacts }
    : unknown);

/** What the restoration of a file tells. */
export type RestoredFile<Options> = Omit<RestoreFacts, 'uncertainty'> &
  (Options extends { readonly mean: number }
    ? { readonly uncertainty: UncertaintyFacts }
    : unknown);

/**
 * Restores an image [3, H, W] in [0, 1] or a burst in memory, an image file to another file, or the
 * bytes of an image file to those of another, in an engine process. Files and bytes keep their
 * colour profile, EXIF, XMP, alpha and 16 bits. The options decide what the result has: `samples: n`
 * gives the results of n seeds, `mean: n` the mean of n as `image` and their standard deviation.
 * @throws ParameterError for options that are none or contradict each other; InputError or
 * OutputError for files; ModelError, EngineError, LimitError; CancelledError within a second after
 * the signal.
 * @example
 * const low = tensor([3, 8, 8]);
 * const { image, deviation } = await restore(low, { pack: 'sr4', mean: 2 });
 * const { nfe } = await restore('photo.png', { output: 'restored.png', seed: 1 });
 * const { bytes } = await restore(await readFile('photo.jpg'), { format: 'png' });
 */
export function restore<Options extends FileOptions>(
  file: string,
  options: Exact<Options, FileOptions>,
): Promise<RestoredFile<Options>>;
export function restore<Options extends BytesOptions>(
  bytes: Uint8Array,
  options?: Exact<Options, BytesOptions>,
): Promise<RestoredBytes>;
export function restore<Options extends BurstImageOptions>(
  burst: Burst,
  options?: Exact<Options, BurstImageOptions>,
): Promise<Restored<Options>>;
export function restore<Options extends ImageOptions>(
  image: Tensor,
  options?: Exact<Options, ImageOptions>,
): Promise<Restored<Options>>;
export async function restore(
  image: string | Uint8Array | Burst | Tensor,
  options: Partial<FileOptions> & BurstImageOptions = {},
): Promise<unknown> {
  if (image instanceof Uint8Array) return restoreBytes(image, options);
  const isBurst = typeof image === 'object' && 'frames' in image;
  const kind = typeof image === 'string' ? 'image file' : isBurst ? 'burst' : 'image';
  const others = [...RUN_OPTIONS, ...(kind === 'image file' ? ['output'] : [])];
  requireKnownOptions(options, kind, others);
  const { output, onProgress, ...request } = options;
  const call = { ...request, ...followed(onProgress) };
  if (typeof image !== 'string')
    return 'frames' in image ? restoreBurst(image, call) : restoreImage(image, call);
  if (output === undefined)
    throw new ParameterError('options.output', 'the name of a file for the result', output);
  return restoreFile(image, output, call);
}

async function restoreBytes(bytes: Uint8Array, options: BytesOptions): Promise<RestoredBytes> {
  const { format, onProgress, ...request } = options;
  for (const name of ['samples', 'mean'])
    if ((request as Readonly<Record<string, unknown>>)[name] !== undefined)
      throw new ParameterError(`options.${name}`, 'one result for the bytes of a file', name);
  requireKnownOptions(request, 'image file', RUN_OPTIONS);
  const given = detectFormat(bytes);
  const extension = format ?? (given === undefined || given === 'heif' ? 'png' : given);
  const folder = await mkdtemp(join(tmpdir(), 'dp-ir-'));
  try {
    const [input, output] = [join(folder, 'image'), join(folder, `restored.${extension}`)];
    await writeFile(input, bytes);
    const facts = await restoreFile(input, output, { ...request, ...followed(onProgress) });
    return { ...facts, bytes: await readFile(output) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Adds the time left to what is reported. */
function followed(onProgress: Common['onProgress']): Pick<RunOptions, 'onProgress'> {
  if (onProgress === undefined) return {};
  const time = new TimeLeft([undefined]);
  time.begin(0);
  return {
    onProgress: ({ calibration, ...progress }) => {
      time.update({ ...progress, calibration });
      const { left } = time;
      const { done, total } = progress;
      onProgress({
        ...progress,
        share: total === 0 ? 0 : done / total,
        secondsLeft: left === undefined ? undefined : left / 1000,
      });
    },
  };
}
