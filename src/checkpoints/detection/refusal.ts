import type { StateShapes } from '../../networks/network.js';
import { ModelError } from '../../tensor/errors.js';
import type { Candidate } from './candidate.js';
import { type Comparison, compareState } from './comparison.js';
import type { Stripped } from './prefixes.js';

const SHOWN = 4;

/**
 * The error for a state dictionary that fits no architecture: the one that it resembles most, and
 * the keys that differ.
 * @param comparisons with the architectures that gave a configuration.
 * @param forms of the state dictionary, at least one.
 */
export function refusal(
  comparisons: readonly Comparison[],
  candidates: readonly Candidate[],
  forms: readonly Stripped[],
  file: string,
): ModelError {
  const closest = best(comparisons) ?? best(withDefaults(candidates, forms.at(-1)!.state));
  if (closest === undefined || similarity(closest) === 0) {
    const keys = [...forms[0]!.state.keys()];
    return new ModelError(file, `is of no known architecture; its keys are ${list(keys)}`, {
      expected: candidates.map(({ name }) => name).join(', '),
    });
  }
  return new ModelError(
    file,
    `is of no known architecture. The closest is ${closest.candidate.name}: ${differences(closest)}`,
    { expected: closest.candidate.name },
  );
}

/** Comparisons with what architectures have by default, for files that none recognised. */
function withDefaults(candidates: readonly Candidate[], state: StateShapes): Comparison[] {
  return candidates
    .map((candidate) => compareState(candidate, {}, state))
    .filter(({ reason }) => reason === undefined);
}

function best(comparisons: readonly Comparison[]): Comparison | undefined {
  let found: Comparison | undefined;
  let highest = 0;
  for (const comparison of comparisons) {
    const score = similarity(comparison);
    if (score > highest || found === undefined) [found, highest] = [comparison, score];
  }
  return found;
}

/** Share of the kinds of names, numbers aside, that a file and an architecture have in common. */
function similarity({ names, missing, unexpected, buffers, reason }: Comparison): number {
  if (reason !== undefined) return Number.MIN_VALUE;
  const held = new Set([...names.keys(), ...unexpected].map(kind));
  const wanted = new Set([...names.values(), ...missing].map(kind));
  if (held.size + buffers.length === 0) return 0;
  const both = [...held].filter((name) => wanted.has(name)).length;
  return both / (held.size + wanted.size - both);
}

function kind(name: string): string {
  return name.replace(/\d+/g, '#');
}

function differences({ missing, unexpected, misshapen, reason }: Comparison): string {
  if (reason !== undefined) return reason;
  const shapes = misshapen.map(
    ({ key, expected, received }) => `${key} expected [${expected}] received [${received}]`,
  );
  return [
    part(missing.length, 'missing', missing),
    part(unexpected.length, 'unexpected', unexpected),
    part(misshapen.length, 'of another shape', shapes),
  ]
    .filter((text) => text !== '')
    .join('; ');
}

function part(count: number, what: string, names: readonly string[]): string {
  return count === 0 ? '' : `${count} ${what} (${list(names)})`;
}

function list(names: readonly string[]): string {
  return `${names.slice(0, SHOWN).join(', ')}${names.length > SHOWN ? ', …' : ''}`;
}
