import type { GraphRunner } from '../contract.js';
import type { RunnerOptions } from '../local-runner.js';
import type { Kept, KeptOptions } from './kept.js';

/** What a job finds around it in the engine process. */
export interface JobContext {
  /** A runner that obeys this job's cancellation; it is disposed of when the job ends. */
  runner(options?: Omit<RunnerOptions, 'signal'>): Promise<GraphRunner>;
  /**
   * As `runner`, but what it compiles stays for later jobs of this process that ask for the same,
   * so that keys have to tell graphs apart for as long as the process lives. A job has one.
   */
  keptRunner(options?: KeptOptions): Promise<GraphRunner>;
  /**
   * What `make` gave an earlier job of this process under the same key, or gives now. A few values
   * are kept, none beyond a failure of a job that may have harmed them.
   */
  keep<Value>(key: string, make: () => Promise<Kept<Value>>): Promise<Value>;
  /** Sends a message to the caller's `onProgress`; it must survive a structured clone. */
  progress(message: unknown): void;
  /** Aborted when the caller cancels; seen only after the event loop has turned. */
  readonly signal: AbortSignal;
  /** Lets pending messages in and throws CancelledError when the job was cancelled. */
  checkpoint(): Promise<void>;
}

/**
 * A whole piece of work done in an engine process: an exported function of a job module. Payload
 * and result cross by structured clone; typed arrays arrive as typed arrays.
 */
export type Job<Payload, Result> = (context: JobContext, payload: Payload) => Promise<Result>;
