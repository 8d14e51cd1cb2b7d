import type { Network, StateShapes } from '../../networks/network.js';
import type { PerceptualNetwork } from '../../networks/perceptual/perceptual-network.js';
import { perceptualNetworks } from '../../networks/perceptual/registry.js';
import { networks } from '../../networks/registry.js';
import { ModelError } from '../../tensor/errors.js';
import { type Candidate, networkCandidate, perceptualCandidate } from './candidate.js';
import { agrees, type Comparison, compareState } from './comparison.js';
import { requireModestState } from './limits.js';
import { type Stripped, withoutPrefixes } from './prefixes.js';
import { refusal } from './refusal.js';

/** What a state dictionary says by its keys and shapes. */
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

/** A network that makes pictures, found in a state dictionary. */
export interface DetectedNetwork extends Findings {
  readonly network: Network;
}

/** A network that judges pictures, found in a state dictionary. */
export interface DetectedPerceptual extends Findings {
  readonly network: PerceptualNetwork;
}

/** Which of the two kinds a state dictionary is for. */
export type Detected =
  | ({ readonly kind: 'network' } & DetectedNetwork)
  | ({ readonly kind: 'perceptual' } & DetectedPerceptual);

/** What a caller knows beforehand. */
export interface DetectionOptions {
  /** Entries of the configuration that take the place of what is read off keys and shapes. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The architectures to consider; default: all of them. */
  readonly among?: readonly Network[];
}

/**
 * The network and configuration that a state dictionary is for, from keys and shapes alone.
 * Prefixes that wrappers put before every key are left off.
 * @param state shapes by key.
 * @param name what messages call the checkpoint.
 * @throws ModelError where no network fits, with the closest one and the keys that differ.
 */
export function detectNetwork(
  state: StateShapes,
  name: string,
  options: DetectionOptions = {},
): DetectedNetwork {
  const known = new Map((options.among ?? networks).map((one) => [networkCandidate(one), one]));
  const { candidate, findings } = find([...known.keys()], state, name, options.config);
  return { network: known.get(candidate)!, ...findings };
}

/** As `detectNetwork`, among the networks that judge pictures. */
export function detectPerceptual(state: StateShapes, name: string): DetectedPerceptual {
  const known = new Map(perceptualNetworks.map((one) => [perceptualCandidate(one), one]));
  const { candidate, findings } = find([...known.keys()], state, name);
  return { network: known.get(candidate)!, ...findings };
}

/** As `detectNetwork`, among all networks of either kind. */
export function detect(state: StateShapes, name: string): Detected {
  const makers = new Map(networks.map((one) => [networkCandidate(one), one]));
  const judges = new Map(perceptualNetworks.map((one) => [perceptualCandidate(one), one]));
  const { candidate, findings } = find([...makers.keys(), ...judges.keys()], state, name);
  const maker = makers.get(candidate);
  return maker === undefined
    ? { kind: 'perceptual', network: judges.get(candidate)!, ...findings }
    : { kind: 'network', network: maker, ...findings };
}

/** What averaging and profiling tools of PyTorch leave among the weights. */
const BOOKKEEPING = /^n_averaged$|(^|\.)total_(ops|params)$/;

function find(
  candidates: readonly Candidate[],
  state: StateShapes,
  file: string,
  config: Readonly<Record<string, unknown>> = {},
): { candidate: Candidate; findings: Findings } {
  requireModestState(state, file);
  const kept = new Map([...state].filter(([key]) => !BOOKKEEPING.test(key)));
  const counters = [...state.keys()].filter((key) => !kept.has(key));
  const forms = withoutPrefixes(kept);
  const refused: Comparison[] = [];
  for (const form of forms) {
    const comparisons = compareAll(candidates, form, config);
    const matches = comparisons.filter(agrees);
    if (matches.length > 1)
      throw new ModelError(
        file,
        `fits several architectures: ${matches.map(({ candidate }) => candidate.name).join(', ')}; say which`,
      );
    const match = matches[0];
    if (match !== undefined)
      return { candidate: match.candidate, findings: findingsOf(match, form, counters) };
    refused.push(...comparisons);
  }
  throw refusal(refused, candidates, forms, file);
}

function compareAll(
  candidates: readonly Candidate[],
  { state }: Stripped,
  config: Readonly<Record<string, unknown>>,
): Comparison[] {
  return candidates.flatMap((candidate) => {
    // Whoever names one architecture may state what its shapes do not tell.
    const stated = candidate.configure(state) ?? (candidates.length === 1 ? {} : undefined);
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
