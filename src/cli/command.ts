import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.js';
import type { Flags } from './flags.js';
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
  /** Gives the command its description, arguments and options. */
  configure(command: Command): void;
  /** Does the work; absent in a group. Thrown errors decide the exit code by their kind. */
  run?(context: CommandContext): Promise<ExitCode>;
  /**
   * Flags whose options have another name in the library, by that name; others need not be told of.
   * A function gets the names of the options that were typed.
   */
  readonly flags?: Flags | ((typed: ReadonlySet<string>) => Flags);
  readonly subcommands?: readonly CliCommand[];
}
