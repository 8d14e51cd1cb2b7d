import type { Command } from 'commander';
import { DpirError, type ErrorKind } from '../utils/errors.js';
import type { Flags } from './options.js';
import type { Report } from './report.js';

/** What a command gets to work with. */
export interface CommandContext {
  /** Positional arguments in their order. */
  readonly arguments: readonly unknown[];
  /** Options by camel-case name, as commander parsed them; see `parseOptions`. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly report: Report;
  /** Aborted when the user interrupts. */
  readonly signal: AbortSignal;
}

/** One command of `dp-ir`, or a group of commands. */
export interface CliCommand {
  readonly name: string;
  /** Adds arguments and options. */
  configure?(command: Command): void;
  /** Does the work; absent in a group. Thrown errors decide the exit code by their kind. */
  run?(context: CommandContext): Promise<ExitCode>;
  /**
   * Flags whose options have another name in the library, by that name; others need not be told of.
   * A function gets the names of the options that were typed.
   */
  readonly flags?: Flags | ((typed: ReadonlySet<string>) => Flags);
  readonly subcommands?: readonly CommandEntry[];
}

/** A command that is listed by name and description; its module is loaded when it is run. */
export interface LazyCommand {
  readonly name: string;
  readonly description: string;
  load(): Promise<{ readonly command: CliCommand }>;
}

export type CommandEntry = CliCommand | LazyCommand;

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
