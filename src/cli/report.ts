import { DpirError } from '../utils/errors.js';
import { type ExitCode, exitCodeOf } from './command.js';
import { visibleLines } from './format.js';
import { type Flags, inFlags, quotedInFlags } from './options.js';
import { Progress, type ProgressStream } from './progress.js';

/** The streams of a command: results go to `stdout`, everything said about them to `stderr`. */
export interface Streams {
  readonly stdout: ProgressStream;
  readonly stderr: ProgressStream;
}

export interface ReportOptions {
  /** Results as one JSON document per line. */
  readonly json?: boolean;
  /** Neither messages nor progress; warnings, errors and results stay. */
  readonly quiet?: boolean;
}

/** How a command speaks. */
export class Report {
  readonly #streams: Streams;
  readonly #json: boolean;
  readonly #quiet: boolean;
  readonly #flags: Flags;
  #progress: Progress | undefined;

  /** @param flags of options that errors of the library name. */
  constructor(streams: Streams, options: ReportOptions = {}, flags: Flags = {}) {
    this.#streams = streams;
    this.#flags = flags;
    this.#json = options.json ?? false;
    this.#quiet = options.quiet ?? false;
  }

  /** A result on stdout: `value` as JSON under `--json`, otherwise `text`. */
  result(value: unknown, text: string): void {
    this.#progress?.clear();
    const { stdout } = this.#streams;
    const shown = stdout.isTTY ? visibleLines(text) : text;
    stdout.write(`${this.#json ? JSON.stringify(value) : shown}\n`);
  }

  /** Something worth knowing, on stderr. */
  message(text: string): void {
    if (!this.#quiet) this.#say(text);
  }

  /** Something that makes the result other than expected, on stderr, also under `--quiet`. */
  warning(text: string): void {
    this.#say(`warning: ${quotedInFlags(text, this.#flags)}`);
  }

  /**
   * A failure on stderr; under `--json` also on stdout as `{ error }`, so that a reader of results
   * learns of it.
   * @returns the exit code that the failure asks for
   */
  failure(error: unknown): ExitCode {
    const exitCode = exitCodeOf(error);
    if (error instanceof DpirError) {
      this.#say(`error: ${inFlags(error, this.#flags)}`);
    } else {
      this.#say(`error: ${unforeseen(error)}`);
    }
    if (this.#json)
      this.#streams.stdout.write(`${JSON.stringify(failureAsJson(error, this.#flags))}\n`);
    return exitCode;
  }

  /** Starts the progress of a job, in place of an earlier one. */
  progress(label: string, total: number): Progress {
    this.#progress?.clear();
    const stream = this.#quiet ? { write: () => undefined } : this.#streams.stderr;
    this.#progress = new Progress({ stream, label, total });
    return this.#progress;
  }

  #say(text: string): void {
    this.#progress?.clear();
    const { stderr } = this.#streams;
    stderr.write(`${stderr.isTTY ? visibleLines(text) : text}\n`);
  }
}

/**
 * An error that this package did not throw on purpose, in one line; with its stack where
 * `DP_IR_STACK` is set, for whoever looks for its cause.
 */
export function unforeseen(error: unknown): string {
  const detail =
    error instanceof Error && process.env.DP_IR_STACK ? error.stack : String(error).split('\n')[0];
  return `dp-ir failed in a way it does not foresee; please report this: ${detail}`;
}

function failureAsJson(error: unknown, flags: Flags): object {
  const exitCode = exitCodeOf(error);
  if (!(error instanceof DpirError)) return { error: { message: String(error), exitCode } };
  const { kind, code, details } = error;
  const message = inFlags(error, flags);
  return { error: { kind, code, message, details, exitCode } };
}
