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
  const closest = best(comparisons) ?? likeDefault(candidates, forms.at(-1)!.state);
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

/**
 * The comparison with the architecture that is most like a file that none recognised, under the
 * configuration that it has by default.
 */
function likeDefault(candidates: readonly Candidate[], state: StateShapes): Comparison | undefined {
  const held = kinds(state.keys());
  let found: Candidate | undefined;
  let highest = 0;
  for (const candidate of candidates) {
    const score = overlap(held, defaultKinds(candidate));
    if (score > highest) [found, highest] = [candidate, score];
  }
  return found === undefined ? undefined : compareState(found, {}, state, Infinity);
}

const remembered = new WeakMap<Candidate, ReadonlySet<string>>();

function defaultKinds(candidate: Candidate): ReadonlySet<string> {
  const known =
    remembered.get(candidate) ?? kinds(compareState(candidate, {}, new Map(), Infinity).missing);
  remembered.set(candidate, known);
  return known;
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

/** Share of the kinds of names that a file and an architecture have in common. */
function similarity({ names, missing, unexpected, reason }: Comparison): number {
  if (reason !== undefined) return Number.MIN_VALUE;
  return overlap(kinds([...names.keys(), ...unexpected]), kinds([...names.values(), ...missing]));
}

/** Names without their numbers. */
function kinds(names: Iterable<string>): ReadonlySet<string> {
  return new Set([...names].map((name) => name.replace(/\d+/g, '#')));
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  const both = [...a].filter((name) => b.has(name)).length;
  return both === 0 ? 0 : both / (a.size + b.size - both);
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
