import { z } from 'zod';
import { input, type Value } from '../graph/index.js';
import { ParameterScope } from '../graph/leaves.js';
import { type Network, parseConfiguration } from '../networks/network.js';
import { sizeOf, type Tensor, tensor } from '../tensor/tensor.js';
import { type ConformanceCase, floatTensor } from './case.js';

const shape = z.array(z.int().min(0));
const schema = z.object({
  network: z.string(),
  config: z.record(z.string(), z.unknown()).default({}),
  parameters: z.int().optional(),
  state_dict: z.record(z.string(), shape).optional(),
  not_trained: z.array(z.string()).default([]),
  shared: z.record(z.string(), z.string()).default({}),
});

/** What the comparison with a state dictionary asks of a network. */
type Declaring = Pick<Network, 'name' | 'schema' | 'aliases' | 'isBuffer'>;

/** The network of a case. */
export type NetworkStatement = z.infer<typeof schema>;

/** A network built at a case's input size. */
export interface BuiltNetwork {
  readonly inputs: ReadonlyMap<string, Tensor>;
  readonly values: ReadonlyMap<string, Value>;
  readonly output: Value;
  readonly scope: ParameterScope;
}

/**
 * The statement about the network in a case's JSON, or in its metadata where there is no JSON.
 * @throws Error where that is malformed.
 */
export function networkStatement({ json, metadata }: ConformanceCase): NetworkStatement {
  const config = metadata.get('config');
  return schema.parse({
    ...(metadata.has('network') && { network: metadata.get('network') }),
    ...(config !== undefined && { config: JSON.parse(config) }),
    ...json,
  });
}

/** The name that a case gives its network; undefined where it names none. */
export function networkName({ json, metadata }: ConformanceCase): string | undefined {
  return typeof json.network === 'string' ? json.network : metadata.get('network');
}

/** The inputs of the cases: one image, or what a fusion network takes. */
const inputNames = ['input', 'x_ir', 'x_d', 't'];

/** @throws Error where the case has no inputs, or the network refuses its configuration. */
export function buildForCase(
  network: Network,
  candidate: ConformanceCase,
  { config }: NetworkStatement,
): BuiltNetwork {
  const names = inputNames.filter((name) => candidate.tensors.has(name));
  if (names.length === 0) throw new Error(`the case has none of the inputs ${inputNames.join()}`);
  const inputs = new Map(names.map((name) => [name, floatTensor(candidate, name)]));
  const values = new Map([...inputs].map(([name, { shape }]) => [name, input(name, shape)]));
  const scope = new ParameterScope();
  const output = network.build(parseConfiguration(network, config), scope, [...values.values()]);
  return { inputs, values, output, scope };
}

/**
 * Compares what a network declares with the reference's state dictionary.
 * @throws Error naming the first parameters that are missing, unknown or of another shape.
 */
export function checkParameters(
  network: Declaring,
  { scope }: Pick<BuiltNetwork, 'scope'>,
  statement: NetworkStatement,
): void {
  const { state_dict: reference, not_trained, shared, parameters } = statement;
  const declared = scope.declared();
  if (reference !== undefined) {
    const counters = Object.keys(reference).filter((name) =>
      /(^|\.)num_batches_tracked$/.test(name),
    );
    const buffers = new Set([...not_trained, ...counters]);
    const expected = new Map(
      Object.entries(reference).filter(([name]) => !buffers.has(name) && !(name in shared)),
    );
    refuse(
      'lacks',
      [...expected.keys()].filter((name) => !declared.has(name)),
    );
    refuse(
      'has beyond the reference',
      [...declared.keys()].filter((name) => !expected.has(name)),
    );
    for (const [name, value] of declared)
      if (value.shape.join() !== expected.get(name)!.join())
        throw new Error(
          `${name}: expected shape [${expected.get(name)}], received [${value.shape}]`,
        );
    checkAliases(network, statement);
    refuse(
      'takes for no buffer',
      [...buffers].filter((name) => network.isBuffer?.(name) !== true),
    );
    refuse(
      'takes for buffers',
      [...expected.keys()].filter((name) => network.isBuffer?.(name)),
    );
  }
  const trained = [...declared].filter(([name]) => !/(^|\.)running_(mean|var)$/.test(name));
  const count = trained.reduce((sum, [, { shape }]) => sum + sizeOf(shape), 0);
  if (parameters !== undefined && count !== parameters)
    throw new Error(`expected ${parameters} parameters, received ${count}`);
}

function checkAliases(network: Declaring, { shared, config }: NetworkStatement): void {
  const aliases = network.aliases?.(parseConfiguration(network, config)) ?? new Map();
  const named = Object.entries(shared);
  refuse(
    'shares otherwise',
    named.filter(([alias, name]) => aliases.get(alias) !== name).map(([alias]) => alias),
  );
  refuse(
    'shares beyond the reference',
    [...aliases.keys()].filter((alias) => !(alias in shared)),
  );
}

function refuse(what: string, names: readonly string[]): void {
  if (names.length === 0) return;
  const shown = names.slice(0, 3).join(', ');
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  throw new Error(`the network ${what} ${shown}${more}`);
}

/** The made-up weights of everything a network declares. */
export function madeUpWeights({ scope }: Pick<BuiltNetwork, 'scope'>): Map<string, Tensor> {
  return new Map(
    [...scope.declared()].map(([name, { shape }]) => [name, madeUpParameter(name, shape)]),
  );
}

/** 32-bit FNV-1a of a name's UTF-8 bytes. */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Number `index` of the sequence that belongs to a hash, in [-1, 1). */
export function uniform(hash: number, index: number): number {
  let h = (hash + Math.imul(index, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 8) / 8388608 - 1;
}

/**
 * The made-up value of a parameter, a function of its name and shape alone, so that reference
 * outputs can be compared without storing weights.
 */
export function madeUpParameter(name: string, shape: readonly number[]): Tensor {
  const hash = nameHash(name);
  const { offset, factor } = rangeOf(name, shape);
  const data = new Float32Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++)
    data[index] = offset + factor * uniform(hash, index);
  return tensor(shape, data);
}

function rangeOf(name: string, shape: readonly number[]): { offset: number; factor: number } {
  const leaf = name.slice(name.lastIndexOf('.') + 1);
  if (leaf === 'running_var') return { offset: 1, factor: 0.1 };
  if (leaf === 'running_mean') return { offset: 0, factor: 0.1 };
  if (shape.length >= 2) return { offset: 0, factor: Math.sqrt(1 / sizeOf(shape.slice(1))) };
  if (shape.length === 1 && leaf === 'weight') return { offset: 1, factor: 0.1 };
  return { offset: 0, factor: 0.1 };
}
