/**
 * Every code of an error, by the kind of the error. The first code of a kind is its default, for
 * failures that no caller has to tell apart.
 */
export interface ErrorCodes {
  /** The caller passed something that the function does not accept. Exit code 2. */
  readonly usage: 'invalid-parameter';
  /** An image or a data file is at fault. */
  readonly input:
    | 'invalid-input'
    /** There is no file of this name. */
    | 'file-not-found'
    /** A folder, device, pipe or socket where a file is expected. */
    | 'not-a-file'
    | 'file-too-large'
    /** No permission, or the system failed to read; `details.systemCode` says why. */
    | 'file-unreadable';
  /** Weights, a pack or a graph are missing, damaged or do not fit the architecture. */
  readonly model:
    | 'invalid-model'
    | 'file-not-found'
    | 'not-a-file'
    | 'file-too-large'
    | 'file-unreadable'
    /** ONNX Runtime refused to compile the graph. */
    | 'graph-rejected'
    /** The contents are not those that the catalogue or the pack states. */
    | 'checksum-mismatch';
  /** The engine or a device is missing, refused the work or died. */
  readonly engine:
    | 'engine-failed'
    /** The runner, engine or session worker was closed before the call. */
    | 'engine-closed'
    /** An engine process ended during its job; see `details.exitCode` and `details.signal`. */
    | 'process-ended'
    | 'process-not-started'
    /** The module of a job cannot be imported or does not export it. */
    | 'job-not-found'
    /** A job threw something that is no error of this package: a bug. `cause` has its stack. */
    | 'job-crashed'
    /** A payload, request or result cannot cross to another process or thread. */
    | 'not-cloneable'
    | 'runtime-missing'
    | 'device-unknown'
    /** The device exists but does not start. */
    | 'device-failed'
    /** The device lacks operators of the graph. */
    | 'operator-unsupported'
    /** ONNX Runtime failed while it ran the graph. */
    | 'run-failed';
  /** A limit on size, memory or time; the message says how to raise it. */
  readonly limit:
    | 'limit-exceeded'
    /** The machine or the process had no more memory. */
    | 'out-of-memory'
    /** The work needs more than the `memory` that it may take. */
    | 'memory-limit'
    | 'time-limit';
  /** A result cannot be written; nothing is left under its final name. */
  readonly output:
    | 'output-failed'
    /** The system refused to write; `details.systemCode` says why. */
    | 'file-unwritable'
    /** Another process is writing the file; see `details.pid` and `details.host`. */
    | 'output-locked';
  /** The caller asked to stop. */
  readonly cancelled: 'cancelled';
}

/** What went wrong, in the terms that decide a program's exit code. */
export type ErrorKind = keyof ErrorCodes;

/** Which failure it was, for programs to react to. */
export type ErrorCode<Kind extends ErrorKind = ErrorKind> = ErrorCodes[Kind];

/** Facts about a failure, so that a caller need not parse the message. */
export interface ErrorDetails {
  /** The parameter, file or tensor that is at fault. */
  readonly subject?: string;
  readonly expected?: string;
  readonly received?: string;
  /** What to do instead, as a sentence or an example. */
  readonly advice?: string;
  /** Code of the operating system, such as `ENOSPC`. */
  readonly systemCode?: string;
  /** How a process ended. */
  readonly exitCode?: number;
  readonly signal?: string;
  /** Which process holds a lock. */
  readonly pid?: number;
  readonly host?: string;
}

/** What the constructors of errors take beside their message. */
export interface ErrorFacts<Kind extends ErrorKind> extends Omit<ErrorDetails, 'subject'> {
  readonly code?: ErrorCode<Kind>;
  readonly cause?: unknown;
}

const defaultCodes: { readonly [Kind in ErrorKind]: ErrorCode<Kind> } = {
  usage: 'invalid-parameter',
  input: 'invalid-input',
  model: 'invalid-model',
  engine: 'engine-failed',
  limit: 'limit-exceeded',
  output: 'output-failed',
  cancelled: 'cancelled',
};

/**
 * The base of every error this package throws on purpose. `kind` says who can fix it: `usage` the
 * caller, `input` the owner of the image, `model` the weights, `engine` the machine, `limit` a
 * limit that can be raised, `output` the destination, `cancelled` nobody. `code` says which failure
 * it was, `details` give its facts. Messages are for people and may change.
 * @example
 * try {
 *   await restoreFile('in.png', 'out.png');
 * } catch (error) {
 *   if (error instanceof DpirError && error.code === 'time-limit') await later();
 *   else throw error;
 * }
 */
export class DpirError extends Error {
  readonly kind: ErrorKind;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  /** The message without the subject that it begins with. */
  readonly reason: string;

  /** @param subject what the message begins with; `undefined` where `reason` is all of it. */
  constructor(
    kind: ErrorKind,
    subject: string | undefined,
    reason: string,
    {
      code = defaultCodes[kind],
      cause,
      ...details
    }: ErrorFacts<ErrorKind> & Pick<ErrorDetails, 'subject'> = {},
  ) {
    super(
      subject === undefined ? reason : `${subject}: ${reason}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = new.target.name;
    this.kind = kind;
    this.code = code;
    this.reason = reason;
    this.details = subject === undefined ? details : { subject, ...details };
  }
}

/** A parameter has a value that the function does not accept. */
export class ParameterError extends DpirError {
  /**
   * @param expected what the parameter takes, such as `an integer from 1 to 4`.
   * @param advice a sentence that follows the message.
   */
  constructor(parameter: string, expected: string, received: unknown, advice = '') {
    const found = describe(received);
    const sentence = advice === '' ? '' : `. ${advice}`;
    super('usage', parameter, `expected ${expected}, received ${found}${sentence}`, {
      expected,
      received: found,
      ...(advice === '' ? {} : { advice }),
    });
  }
}

/** An image or data file cannot be read, or holds something else than it should. */
export class InputError extends DpirError {
  constructor(subject: string, reason: string, options: ErrorFacts<'input'> = {}) {
    super('input', subject, reason, options);
  }
}

/** Weights, a pack or a graph are missing, damaged or do not fit the architecture. */
export class ModelError extends DpirError {
  constructor(subject: string, reason: string, options: ErrorFacts<'model'> = {}) {
    super('model', subject, reason, options);
  }
}

/** The engine or a device is missing, refused the work or died. */
export class EngineError extends DpirError {
  constructor(subject: string, reason: string, options: ErrorFacts<'engine'> = {}) {
    super('engine', subject, reason, options);
  }
}

/** A limit on size, memory or time was reached; the message says how to raise it. */
export class LimitError extends DpirError {
  constructor(subject: string, reason: string, options: ErrorFacts<'limit'> = {}) {
    super('limit', subject, reason, options);
  }
}

/** A result cannot be written; nothing is left under its final name. */
export class OutputError extends DpirError {
  constructor(subject: string, reason: string, options: ErrorFacts<'output'> = {}) {
    super('output', subject, reason, options);
  }
}

/** The caller asked to stop. */
export class CancelledError extends DpirError {
  /** @param what was cancelled, such as `training`. */
  constructor(what = 'the work') {
    super('cancelled', undefined, `${what} was cancelled`, { subject: what });
  }
}

/** The code that the operating system or Node gave an error, such as `ENOENT`. */
export function systemCodeOf(error: unknown): string | undefined {
  const code = (error as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Whether JavaScript or the engine ran out of memory. V8 tells a failed allocation from other
 * RangeErrors by its message alone, which is read here and nowhere else.
 */
export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof LimitError) return error.code === 'out-of-memory';
  return error instanceof RangeError && /alloc|array length/i.test(error.message);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (value !== null && typeof value === 'object') return Object.prototype.toString.call(value);
  return String(value);
}
