import type { z } from 'zod';

/** An entry of checked data that the schema does not accept. */
export interface Misfit {
  readonly path: readonly PropertyKey[];
  /** Completes the sentence "expected ...". */
  readonly expected: string;
  readonly received: unknown;
  /** Whether the schema has no entry of this name. */
  readonly isUnknown: boolean;
}

/**
 * Checks plain data by a zod schema. What was expected follows from the code of an issue, never from
 * zod's wording; a message that a schema states itself completes the sentence "expected ...", such
 * as `z.int().refine(isOdd, 'an odd size')`.
 * @returns the parsed data, or every misfit in the order of the schema; of a union the one of the
 * member that fits farthest.
 * @example
 * const checked = checkSchema(z.object({ tile: z.int().min(64) }), { tile: 3 });
 * // { misfits: [{ path: ['tile'], expected: 'at least 64', received: 3, isUnknown: false }] }
 */
export function checkSchema<Data>(
  schema: z.ZodType<Data>,
  value: unknown,
): { readonly data: Data } | { readonly misfits: readonly [Misfit, ...Misfit[]] } {
  const result = schema.safeParse(value, { error: expectation });
  if (result.success) return { data: result.data };
  const misfits = result.error.issues.map(deepest).map((issue) => misfit(issue, value));
  return { misfits: misfits as [Misfit, ...Misfit[]] };
}

/** The value at a path of plain data; `undefined` where there is none. */
export function valueAt(json: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | null | undefined)?.[key],
    json,
  );
}

/** Whether a value of JSON is an object, not a list or null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

type Issue = z.core.$ZodIssue;

function misfit(issue: Issue, value: unknown): Misfit {
  const isUnknown = issue.code === 'unrecognized_keys';
  const path = isUnknown ? [...issue.path, issue.keys[0]!] : issue.path;
  return { path, expected: issue.message, received: valueAt(value, path), isUnknown };
}

/** Of the reasons why no member of a union fits, that of the member that fits farthest. */
function deepest(issue: Issue): Issue {
  if (issue.code !== 'invalid_union') return issue;
  const inner = issue.errors.flatMap(([first]) => (first === undefined ? [] : [deepest(first)]));
  const [best] = inner.sort((a, b) => b.path.length - a.path.length);
  return best === undefined ? issue : { ...best, path: [...issue.path, ...best.path] };
}

const types: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'an integer',
  string: 'text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};

const units: Readonly<Record<string, readonly [string, string]>> = {
  string: [' character', ' characters'],
  array: [' entry', ' entries'],
};

function unitOf(origin: string, count: number | bigint): string {
  return units[origin]?.[Number(count) === 1 ? 0 : 1] ?? '';
}

function expectation(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_value':
      return `${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map((each) => JSON.stringify(each)).join(', ')}`;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return 'no such entry';
    default:
      return 'another value';
  }
}
