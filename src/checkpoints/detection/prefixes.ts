import type { StateShapes } from '../../networks/network.js';

/** What wrappers and training frameworks put before every name of a network. */
const PREFIXES = [
  'module.',
  'model.',
  'net_g.',
  'net_g_ema.',
  'generator.',
  'netG.',
  'net.',
  '_orig_mod.',
] as const;

/** Wrappers around each other; a name has room for many more. */
const MOST_WRAPPERS = 4;

/** A state dictionary without a prefix that all its keys share. */
export interface Stripped {
  readonly prefix: string;
  readonly state: StateShapes;
}

/**
 * A state dictionary as it is, then without the wrapper's prefix that all its keys share, without
 * the next one, and so on. Some networks' own names start alike, so that each is worth a try.
 */
export function withoutPrefixes(state: StateShapes): readonly Stripped[] {
  const forms: Stripped[] = [{ prefix: '', state }];
  const keys = [...state.keys()];
  let prefix = '';
  const next = (): string | undefined =>
    PREFIXES.find((part) => keys.every((key) => key.startsWith(part, prefix.length)));
  while (forms.length <= MOST_WRAPPERS) {
    const part = next();
    if (part === undefined) break;
    prefix += part;
    forms.push({
      prefix,
      state: new Map([...state].map(([key, shape]) => [key.slice(prefix.length), shape])),
    });
  }
  return forms;
}
