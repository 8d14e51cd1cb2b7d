import type { Command } from 'commander';
import type { DpirError } from '../utils/errors.js';

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
