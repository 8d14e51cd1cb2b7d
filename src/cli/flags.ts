import type { DpirError } from '../tensor/errors.js';

/** Flags of the command line by the names that their options have in the library. */
export type Flags = Readonly<Record<string, string>>;

/**
 * An error's message in the words of the command line. The library quotes the options that it
 * speaks of, `maxPixels`, and names the parameter of a usage error first.
 */
export function inFlags({ message, kind, subject }: DpirError, flags: Flags): string {
  const flagOf = (name: string): string | undefined =>
    Object.hasOwn(flags, name) ? flags[name] : undefined;
  const text = message.replace(/`([\w.]+)`/g, (quoted, name) => flagOf(name) ?? quoted);
  const flag = kind === 'usage' && subject !== undefined ? flagOf(subject) : undefined;
  return flag !== undefined && text.startsWith(`${subject}: `)
    ? flag + text.slice(subject!.length)
    : text;
}
