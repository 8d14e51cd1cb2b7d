import type { Command } from 'commander';
import { z } from 'zod';
import { type DpirError, ParameterError } from '../utils/errors.js';
import { checkSchema } from '../utils/schema.js';

/**
 * The options of a command, checked and converted by a zod schema whose keys are the options'
 * camel-case names. Options that the schema does not name, such as `--json`, are left out.
 * @throws ParameterError naming the first option at fault as it is written on the command line.
 */
export function parseOptions<Options>(
  schema: z.ZodType<Options>,
  options: Readonly<Record<string, unknown>>,
): Options {
  const checked = checkSchema(schema, options);
  if ('data' in checked) return checked.data;
  const [{ path, expected }] = checked.misfits;
  const key = String(path[0] ?? '');
  throw new ParameterError(asFlag(key), expected, options[key]);
}

/** The entries that are there. */
export function defined<Entries extends object>(
  entries: Entries,
): { [Key in keyof Entries]?: NonNullable<Entries[Key]> } {
  const there = Object.entries(entries).filter(([, value]) => value !== undefined);
  return Object.fromEntries(there) as { [Key in keyof Entries]?: NonNullable<Entries[Key]> };
}

/** A number as it is written on the command line: nothing, unlike for JavaScript, is no 0. */
export const number = z.preprocess(
  (text) => (typeof text === 'string' && text.trim() === '' ? Number.NaN : text),
  z.coerce.number<string | number>(),
);

/** An integer of at least `lowest`. */
export const whole = (lowest: number) => number.pipe(z.int().min(lowest));

/** An integer of at least 1. */
export const positive = whole(1);

/** Pixels along every edge, as many as a metric's own text may state. */
export const borderOption = whole(0).pipe(z.int().max(999_999));

/** Threads of the engine, which takes no more. */
export const threadsOption = positive.pipe(z.int().max(1024));

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};

/** A number of bytes as people write it: `2GiB`, `1.5 GB`, `500MB`, `1073741824`. */
export const bytesOption = z
  .string()
  .transform((text) => {
    const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([a-z]*)\s*$/i.exec(text) ?? [];
    return number === '' ? Number.NaN : Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
  })
  .pipe(z.number('a size such as 2GiB').min(1, 'a size such as 2GiB'))
  .transform(Math.floor);

/** `numberOfTiles` as `--number-of-tiles`. */
export function asFlag(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** Flags of the command line by the names that their options have in the library. */
export type Flags = Readonly<Record<string, string>>;

/**
 * The flags of a command, by the names that their options have here and in the library alike.
 * @param others those that have another name there.
 */
export function flagsOf(
  command: Command,
  others: Flags | ((typed: ReadonlySet<string>) => Flags) = {},
): Flags {
  const names = command.options.map((option) => option.attributeName());
  const typed = new Set(names.filter((name) => command.getOptionValueSource(name) === 'cli'));
  const own = command.options.flatMap((option) =>
    option.long == null ? [] : [[option.attributeName(), option.long] as const],
  );
  return { ...Object.fromEntries(own), ...(typeof others === 'function' ? others(typed) : others) };
}

/**
 * An error's message in the words of the command line. The library quotes the options that it
 * speaks of, `maxPixels`, and names the parameter of a usage error first; an entry of one is named
 * after its flag, as in `--config widths`.
 */
export function inFlags({ message, reason, kind, details }: DpirError, flags: Flags): string {
  const { subject } = details;
  if (kind !== 'usage' || subject === undefined) return quotedInFlags(message, flags);
  const rest = `: ${quotedInFlags(reason, flags)}`;
  const parts = subject.split('.');
  for (let length = parts.length; length > 0; length -= 1) {
    const flag = flagOf(parts.slice(0, length).join('.'), flags);
    const entry = parts.slice(length).join('.');
    if (flag !== undefined) return `${flag}${entry === '' ? '' : ` ${entry}`}${rest}`;
  }
  return `${subject}${rest}`;
}

/** A text of the library with the options that it quotes as flags. */
export function quotedInFlags(text: string, flags: Flags): string {
  return text.replace(/`([\w.]+)`/g, (quoted, name) => flagOf(name, flags) ?? quoted);
}

/** Some functions call what they are asked for `options`. */
function flagOf(name: string, flags: Flags): string | undefined {
  const own = name.replace(/^options\./, '');
  return [name, own]
    .map((key) => (Object.hasOwn(flags, key) ? flags[key] : undefined))
    .find(Boolean);
}
