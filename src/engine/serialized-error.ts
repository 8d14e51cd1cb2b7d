import {
  CancelledError,
  DpirError,
  EngineError,
  type ErrorCode,
  type ErrorDetails,
  type ErrorKind,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from '../utils/errors.js';

/** An error as plain data; `typed` is absent for errors that this package did not throw on purpose. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly typed?: {
    readonly kind: ErrorKind;
    readonly code: ErrorCode;
    readonly reason: string;
    readonly details: ErrorDetails;
  };
  readonly cause?: SerializedError;
}

const classes: Readonly<Record<ErrorKind, { readonly prototype: DpirError }>> = {
  usage: ParameterError,
  input: InputError,
  model: ModelError,
  engine: EngineError,
  limit: LimitError,
  output: OutputError,
  cancelled: CancelledError,
};

/** Anything thrown, as data that a structured clone keeps whole. */
export function serializeError(error: unknown): SerializedError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), stack: undefined };
  const plain = {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(error.cause === undefined ? {} : { cause: serializeError(error.cause) }),
  };
  if (!(error instanceof DpirError)) return plain;
  const { kind, code, reason, details } = error;
  return { ...plain, typed: { kind, code, reason, details } };
}

/**
 * The error that crossed from the job `job`: of the same class with the same fields where it is one
 * of this package's, else an EngineError whose cause has the original's stack.
 */
export function reviveError(job: string, serialized: SerializedError): DpirError {
  const { typed, message, name, stack } = serialized;
  if (typed === undefined)
    return new EngineError(job, `the job failed unexpectedly: ${message}`, {
      code: 'job-crashed',
      cause: revivePlain(serialized),
    });
  const cause = serialized.cause === undefined ? {} : { cause: revivePlain(serialized.cause) };
  const error = new DpirError(typed.kind, undefined, message, cause);
  // The classes compose their messages themselves, so a finished message cannot go through them.
  Object.setPrototypeOf(error, classes[typed.kind].prototype);
  return Object.assign(error, { name, ...typed, ...(stack === undefined ? {} : { stack }) });
}

function revivePlain({ name, message, stack, cause }: SerializedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: revivePlain(cause) });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
