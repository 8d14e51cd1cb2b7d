import type { z } from 'zod';
import { ParameterError } from '../tensor/errors.js';

/**
 * The options of a command, checked and converted by a zod schema whose keys are the options'
 * camel-case names. Options that the schema does not name, such as `--json`, are left out.
 * @throws ParameterError naming the first option at fault as it is written on the command line.
 */
export function parseOptions<Options>(
  schema: z.ZodType<Options>,
  options: Readonly<Record<string, unknown>>,
): Options {
  const result = schema.safeParse(options);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  const key = String(issue.path[0] ?? '');
  const expected = issue.message
    .replace(/^[^:]*: expected /, '')
    .replace(/, received .*$/, '')
    .replace(/^Invalid option$/, 'one of the choices');
  throw new ParameterError(asFlag(key), expected, options[key]);
}

/** `numberOfTiles` as `--number-of-tiles`. */
function asFlag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The entries that are there. */
export function defined<Entries extends object>(
  entries: Entries,
): { [Key in keyof Entries]?: NonNullable<Entries[Key]> } {
  const there = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [Key in keyof Entries]?: NonNullable<Entries[Key]> };
}
