import { DpirError, type ErrorKind } from '../tensor/errors.js';

/** What the exit status of `dp-ir` says. */
export const exitCodes = {
  /** Everything that was asked for is done. */
  done: 0,
  /** Some or all inputs failed. */
  failed: 1,
  /** The command line is wrong; nothing was done. */
  usage: 2,
  /** A model, its weights, the engine or a device is missing or unusable. */
  missing: 3,
  /** A bound on size, memory or time refused the work. */
  limit: 4,
  /** Stopped by a signal. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const byKind: Readonly<Record<ErrorKind, ExitCode>> = {
  usage: exitCodes.usage,
  input: exitCodes.failed,
  output: exitCodes.failed,
  model: exitCodes.missing,
  engine: exitCodes.missing,
  limit: exitCodes.limit,
  cancelled: exitCodes.interrupted,
};

/** The exit code for a thrown value; an error of no known kind counts as a failure, 1. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof DpirError ? byKind[error.kind] : exitCodes.failed;
}
