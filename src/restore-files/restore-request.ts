import type { DecodeLimits } from '../images/source.js';
import type { ModuleSwaps, SwappedModules } from '../models/cached-pack.js';
import type {
  FrameMotion,
  RestorationFacts,
  RestoreOptions,
  TaskName,
} from '../restoration/index.js';
import { DEFAULT_TASK } from '../restoration/task-names.js';
import type { TilingError } from './restore-image.js';
import type { SampleRequest } from './samples.js';

/** The pack if neither pack nor task is given. */
export const DEFAULT_PACK = DEFAULT_TASK;

/** What crosses to the engine process: options that survive a structured clone. */
export interface RestoreRequest
  extends Omit<
      RestoreOptions,
      | ('onProgress' | 'onStep' | 'featureBytes')
      | ('samples' | 'images' | 'collected' | 'transposed')
    >,
    SampleRequest {
  /** Folder of a pack, or the name of a shipped one; default: the task's name, or `sr4`. */
  readonly pack?: string | undefined;
  /** Task that the pack must be for; default: any. */
  readonly task?: TaskName | undefined;
  /** Files of modules that replace the pack's. */
  readonly modules?: ModuleSwaps | undefined;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
  /** Most pixels of the result; default 2^28. */
  readonly maxPixels?: number | undefined;
  /**
   * Bytes that the engine process may take; default: three quarters of the machine's. Tiles and
   * regions become smaller where the result stays the same, to the byte; otherwise it is refused.
   */
  readonly memory?: number | undefined;
  /** Seconds that it may take; default: a day. */
  readonly timeout?: number | undefined;
  /** Bounds of a file that is read: pixels, bytes, channels and frames. */
  readonly limits?: DecodeLimits | undefined;
  /** Drops EXIF, XMP and profile from a file's result, whose colours are converted to sRGB. */
  readonly strip?: boolean | undefined;
  /**
   * Restores a second time in one piece and measures the difference; a file is written before.
   * The second time takes the memory of the whole image.
   */
  readonly reportTiling?: boolean | undefined;
}

/** Options of a burst. */
export interface BurstRequest extends RestoreRequest {
  /** Pixels of the result for one of the mosaic along each side, 1, 2 or 4; default: the pack's. */
  readonly scale?: number | undefined;
  /** Most frames that are used, the sharpest; default: all that the network takes. */
  readonly frames?: number | undefined;
}

/** Options of a burst of files. */
export interface BurstFilesRequest extends BurstRequest {
  /** Number, from 0, or name of the reference frame; default: the sharpest. */
  readonly reference?: number | string | undefined;
}

/** Facts of a restoration besides its pixels. */
export interface RestoreFacts extends RestorationFacts {
  readonly pack: string;
  readonly task: TaskName;
  /** Modules that are not the pack's, by file; absent where all are. */
  readonly swapped?: SwappedModules;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  /** From the decoded image to the result. */
  readonly seconds: number;
  readonly tiling?: TilingError;
  /** Of the mean of several samples. */
  readonly uncertainty?: UncertaintyFacts;
  /** Of bursts alone. */
  readonly burst?: BurstFacts;
}

/** How far samples lie from their mean. */
export interface UncertaintyFacts {
  /** Samples that were averaged. */
  readonly of: number;
  /** Over all pixels, in the range [0, 1] of images; of a pixel, the root mean square of colours. */
  readonly mean: number;
  readonly maximum: number;
  /** The standard deviation that is white in an image of them. */
  readonly white: number;
}

/** How the frames of a burst were used. */
export interface BurstFacts {
  /** Names of the frames in use, the reference first. */
  readonly used: readonly string[];
  /** How often the reference is repeated because the network takes more frames. */
  readonly repeated: number;
  /** Frames that were skipped as less sharp. */
  readonly left: readonly string[];
  /** Frames that were skipped because they show another scene than the reference. */
  readonly different: readonly string[];
  /** How every frame moved against the reference, which comes first. */
  readonly motions: readonly NamedMotion[];
  /** Assumptions, normalisations and omissions while the frames were read. */
  readonly notes: readonly string[];
  /** Pixels of the result for one of the mosaic along each side. */
  readonly scale: number;
}

/** The motion of a frame, by its name. */
export interface NamedMotion extends FrameMotion {
  readonly name: string;
}
