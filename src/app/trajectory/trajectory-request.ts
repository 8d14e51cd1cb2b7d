import type { FusionWeights, TaskName } from '../../restoration/index.js';
import type { BurstFilesRequest } from '../restore/restore-request.js';

/** A square of the result in pixels. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** Which restoration is to be followed, and where. */
export interface TrajectoryRequest
  extends Pick<
    BurstFilesRequest,
    | ('pack' | 'task' | 'modules' | 'device' | 'threads' | 'maxPixels' | 'tile' | 'seed')
    | ('tau' | 'steps' | 'start' | 'sampler' | 'eta' | 'variance' | 'noiseLevel')
    | ('consistency' | 'detail' | 'allowBeyondTraining')
    | ('scale' | 'frames' | 'reference')
  > {
  /** What is shown of every step; default: 192 pixels in the middle. */
  readonly crop?: Square | undefined;
  /** Most steps that are shown, the first and the last among them; default 24. */
  readonly shown?: number | undefined;
}

/** A step that is shown. */
export interface ShownStep {
  /** Its place in the chain, from 1. */
  readonly number: number;
  readonly t: number;
  /** The time of the draw that follows; 0 for the last. */
  readonly next: number;
  /** Deviation of the noise that the denoiser is told. */
  readonly sigma: number;
  /** Of x_IR in the fusion network, where they are functions of the time. */
  readonly weights?: FusionWeights;
}

/** What a trajectory shows, in figures. */
export interface TrajectoryFacts {
  readonly pack: string;
  readonly task: TaskName;
  readonly seed: number;
  readonly settings: object;
  readonly nfe: number;
  /** Steps of the chain. */
  readonly steps: number;
  readonly shown: readonly ShownStep[];
  /** Of the whole result, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly crop: Square;
}
