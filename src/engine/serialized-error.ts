import {
  CancelledError,
  DpirError,
  EngineError,
  type ErrorKind,
  InputError,
  LimitError,
  ModelError,
  OutputError,
  ParameterError,
} from '../utils/errors.js';

/** An error as plain data; `kind` is absent for errors that this package did not throw on purpose. */
export interface SerializedError {
  readonly kind?: ErrorKind;
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly subject?: string | undefined;
  readonly expected?: string | undefined;
  readonly received?: string | undefined;
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
  const { kind, subject, expected, received } = error;
  return { ...plain, kind, subject, expected, received };
}

/**
 * The error that crossed from the job `job`: of the same class with the same fields where it is one
 * of this package's, else an EngineError whose cause carries the original's stack.
 */
export function reviveError(job: string, serialized: SerializedError): DpirError {
  const { kind, message, subject, expected, received, cause } = serialized;
  if (kind === undefined)
    return new EngineError(job, `the job failed unexpectedly: ${message}`, {
      cause: revivePlain(serialized),
    });
  const error = new DpirError(kind, message, {
    ...(subject === undefined ? {} : { subject }),
    ...(expected === undefined ? {} : { expected }),
    ...(received === undefined ? {} : { received }),
    ...(cause === undefined ? {} : { cause: revivePlain(cause) }),
  });
  error.name = serialized.name;
  if (serialized.stack !== undefined) error.stack = serialized.stack;
  // The classes compose their messages themselves, so a finished message cannot go through them.
  return Object.setPrototypeOf(error, classes[kind].prototype);
}

function revivePlain({ name, message, stack, cause }: SerializedError): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause: revivePlain(cause) });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
