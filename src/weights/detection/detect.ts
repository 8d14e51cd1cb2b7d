import type { Network, StateShapes } from '../../networks/network.js';
import { networks } from '../../networks/registry.js';
import { ModelError } from '../../utils/errors.js';
import {
  type Comparison,
  compareState,
  isMatch,
  type Stripped,
  withoutPrefixes,
} from './compare-state.js';

/** What keys and shapes of a state dictionary determine. */
export interface Findings {
  /** In the architecture's checked form. */
  readonly config: unknown;
  /** In the reference's names, as `schema` reads it. */
  readonly statedConfig: Record<string, unknown>;
  /**
   * Every key of the checkpoint that holds a parameter, with the name declared for it. Several
   * keys share a name where the checkpoint repeats a parameter.
   */
  readonly names: ReadonlyMap<string, string>;
  /** Keys of the checkpoint whose values are computed here. */
  readonly buffers: readonly string[];
}

/** A network with its configuration, found in a state dictionary. */
export interface Detected<N extends Network = Network> extends Findings {
  readonly network: N;
}

/** Constraints on detection. */
export interface DetectionOptions<N extends Network = Network> {
  /** Entries of the configuration that override those read off keys and shapes. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The architectures to consider; default: all of them. */
  readonly among?: readonly N[];
}

/**
 * The network and configuration that a state dictionary is for, from keys and shapes alone.
 * Prefixes that wrappers put before every key are ignored.
 * @param state shapes by key.
 * @param name what messages call the checkpoint.
 * @throws ModelError where no network fits, with the closest one and the keys that differ.
 * @example
 * const { network, config } = detectNetwork(shapes, 'model.pth', { among: imageNetworks });
 */
export function detectNetwork<N extends Network = Network>(
  state: StateShapes,
  name: string,
  { among = networks as readonly N[], config = {} }: DetectionOptions<N> = {},
): Detected<N> {
  const { network, findings } = find(among, state, name, config);
  return { network: network as N, ...findings };
}

/** What averaging and profiling tools of PyTorch leave among the weights. */
const BOOKKEEPING = /^n_averaged$|(^|\.)total_(ops|params)$/;

function find(
  candidates: readonly Network[],
  state: StateShapes,
  file: string,
  config: Readonly<Record<string, unknown>>,
): { network: Network; findings: Findings } {
  requireModestState(state, file);
  const kept = new Map([...state].filter(([key]) => !BOOKKEEPING.test(key)));
  const counters = [...state.keys()].filter((key) => !kept.has(key));
  const forms = withoutPrefixes(kept);
  const refused: Comparison[] = [];
  for (const form of forms) {
    const comparisons = compareAll(candidates, form, config);
    const matches = comparisons.filter(isMatch);
    if (matches.length > 1)
      throw new ModelError(
        file,
        `fits several architectures: ${matches.map(({ candidate }) => candidate.name).join(', ')}; name one of them`,
      );
    const match = matches[0];
    if (match !== undefined)
      return { network: match.candidate, findings: findingsOf(match, form, counters) };
    refused.push(...comparisons);
  }
  throw refusal(refused, candidates, forms, file);
}

function compareAll(
  candidates: readonly Network[],
  { state }: Stripped,
  config: Readonly<Record<string, unknown>>,
): Comparison[] {
  return candidates.flatMap((candidate) => {
    // With a single architecture the caller may state the whole configuration.
    const stated = candidate.configure?.(state) ?? (candidates.length === 1 ? {} : undefined);
    return stated === undefined ? [] : [compareState(candidate, { ...stated, ...config }, state)];
  });
}

function findingsOf(
  match: Comparison,
  { prefix }: Stripped,
  counters: readonly string[],
): Findings {
  const { config, statedConfig, names, buffers } = match;
  return {
    config,
    statedConfig,
    names: new Map([...names].map(([key, name]) => [prefix + key, name])),
    buffers: [...buffers.map((key) => prefix + key), ...counters],
  };
}

/** Ten times as many tensors as the largest of the published networks has. */
const MOST_KEYS = 10_000;
const LONGEST_KEY = 512;
const MOST_DIMENSIONS = 8;

/**
 * Checks that a state dictionary is one that a network could have, before anything is built from
 * it. No tensor may be empty: shapes with a zero in them can claim any width without having a byte.
 * @throws ModelError that names the first tensor at fault.
 */
function requireModestState(state: StateShapes, file: string): void {
  if (state.size === 0) throw new ModelError(file, 'holds no tensors');
  if (state.size > MOST_KEYS)
    throw new ModelError(file, `holds ${state.size} tensors, more than ${MOST_KEYS}`);
  for (const [key, shape] of state) {
    const shown = JSON.stringify(key.slice(0, LONGEST_KEY));
    if (key.length > LONGEST_KEY)
      throw new ModelError(file, `a tensor's name has ${key.length} characters: ${shown}…`);
    if (shape.length > MOST_DIMENSIONS)
      throw new ModelError(file, `the tensor ${shown} has ${shape.length} dimensions`);
    if (!shape.every((extent) => Number.isSafeInteger(extent) && extent > 0))
      throw new ModelError(file, `the tensor ${shown} of shape [${shape}] is empty`);
  }
}

const SHOWN = 4;

/**
 * The error for a state dictionary that fits no architecture: the one that it resembles most, and
 * the keys that differ.
 * @param comparisons with the architectures that gave a configuration.
 * @param forms of the state dictionary, at least one.
 */
function refusal(
  comparisons: readonly Comparison[],
  candidates: readonly Network[],
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
function likeDefault(candidates: readonly Network[], state: StateShapes): Comparison | undefined {
  const held = kinds(state.keys());
  let found: Network | undefined;
  let highest = 0;
  for (const candidate of candidates) {
    const score = overlap(held, defaultKinds(candidate));
    if (score > highest) [found, highest] = [candidate, score];
  }
  return found === undefined ? undefined : compareState(found, {}, state, Infinity);
}

const remembered = new WeakMap<Network, ReadonlySet<string>>();

function defaultKinds(candidate: Network): ReadonlySet<string> {
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
