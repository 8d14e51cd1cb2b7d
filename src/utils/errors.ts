/** What went wrong, in the terms that decide a program's exit code. */
export type ErrorKind = 'usage' | 'input' | 'model' | 'engine' | 'limit' | 'cancelled' | 'output';

/** Facts about a failure, so that a caller need not parse the message. */
export interface ErrorDetails {
  /** The parameter, file or tensor that is at fault. */
  readonly subject?: string;
  readonly expected?: string;
  readonly received?: string;
  readonly cause?: unknown;
}

/**
 * The base of every error this package throws on purpose. `kind` says who can mend it:
 * `usage` the caller, `input` the image's owner, `model` the weights, `engine` the machine,
 * `limit` a bound that may be raised, `output` the place written to, `cancelled` nobody.
 */
export class DpirError extends Error {
  readonly kind: ErrorKind;
  readonly subject: string | undefined;
  readonly expected: string | undefined;
  readonly received: string | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = new.target.name;
    this.kind = kind;
    this.subject = details.subject;
    this.expected = details.expected;
    this.received = details.received;
  }
}

/** A parameter has a value that the function does not accept. */
export class ParameterError extends DpirError {
  constructor(parameter: string, expected: string, received: unknown, advice = '') {
    super(
      'usage',
      `${parameter}: expected ${expected}, received ${describe(received)}${advice === '' ? '' : `. ${advice}`}`,
      { subject: parameter, expected, received: describe(received) },
    );
  }
}

/** An image or data file cannot be read, or holds something else than it should. */
export class InputError extends DpirError {
  constructor(subject: string, message: string, details: ErrorDetails = {}) {
    super('input', `${subject}: ${message}`, { ...details, subject });
  }
}

/** Weights, a pack or a graph are missing, damaged or do not fit the architecture. */
export class ModelError extends DpirError {
  constructor(subject: string, message: string, details: ErrorDetails = {}) {
    super('model', `${subject}: ${message}`, { ...details, subject });
  }
}

/** The engine or a device is missing, refused the work or died. */
export class EngineError extends DpirError {
  constructor(subject: string, message: string, details: ErrorDetails = {}) {
    super('engine', `${subject}: ${message}`, { ...details, subject });
  }
}

/** A bound on size, memory or time was met; the message says how to raise it. */
export class LimitError extends DpirError {
  constructor(subject: string, message: string, details: ErrorDetails = {}) {
    super('limit', `${subject}: ${message}`, { ...details, subject });
  }
}

/** A result cannot be written; nothing is left under its final name. */
export class OutputError extends DpirError {
  constructor(subject: string, message: string, details: ErrorDetails = {}) {
    super('output', `${subject}: ${message}`, { ...details, subject });
  }
}

/** The caller asked to stop. */
export class CancelledError extends DpirError {
  constructor(what = 'the work') {
    super('cancelled', `${what} was cancelled`, { subject: what });
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (value !== null && typeof value === 'object') return Object.prototype.toString.call(value);
  return String(value);
}
