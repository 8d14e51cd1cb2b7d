import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { declaredParameters } from '../weights/module-file.js';
import { fusion } from './fusion.js';
import { fusionLdwt, fusionTdwa } from './fusion-alternatives.js';
import { fusionUnet } from './fusion-unet.js';
import { type Network, parseConfiguration, type StateShapes } from './network.js';

const all = [fusion, fusionTdwa, fusionLdwt, fusionUnet] as readonly Network[];

/** What each fusion network reads off a state dictionary, where it is its own. */
function readings(state: StateShapes): Record<string, unknown> {
  const read = all.flatMap((network) => {
    const stated = network.configure!(state);
    return stated === undefined ? [] : [[network.name, parseConfiguration(network, stated)]];
  });
  return Object.fromEntries(read);
}

function stateOf(network: Network, json: unknown): Map<string, readonly number[]> {
  const declared = declaredParameters(network, parseConfiguration(network, json));
  return new Map([...declared].map(([name, { shape }]) => [name, shape]));
}

test.each([
  ['fusion-step', 'fusion'],
  ['fusion-step-narrow', 'fusion'],
  ['fusion-tdwa', 'fusion-tdwa'],
  ['fusion-ldwt', 'fusion-ldwt'],
])('the configuration of %s follows from its state dictionary', async (name, networkName) => {
  const path = new URL(`../../conformance/${name}.json`, import.meta.url);
  const { state_dict: shapes, config } = JSON.parse(await readFile(path, 'utf8'));
  const network = all.find((each) => each.name === networkName)!;
  expect(readings(new Map(Object.entries(shapes)))).toEqual({
    [networkName]: parseConfiguration(network, config ?? {}),
  });
});

test.each<[string, unknown]>([
  ['fusion', {}],
  ['fusion', { features: 6, growth: 3, unshuffle: 4, residual: true }],
  ['fusion', { features: 4, growth: 5, unshuffle: 3 }],
  ['fusion-tdwa', {}],
  ['fusion-tdwa', { features: 10 }],
  ['fusion-ldwt', {}],
  ['fusion-ldwt', { levels: 1 }],
  ['fusion-ldwt', { levels: 5 }],
  ['fusion-unet', {}],
  ['fusion-unet', { features: 6, widths: [5] }],
  ['fusion-unet', { features: 4, widths: [4, 2, 3, 2] }],
])('%s %j is read off what it declares, and taken for no other', (name, json) => {
  const network = all.find((each) => each.name === name)!;
  expect(readings(stateOf(network, json))).toEqual({ [name]: parseConfiguration(network, json) });
});

test('what lacks a part is nobody’s', () => {
  const without = (network: Network, ...keys: string[]) => {
    const state = stateOf(network, {});
    for (const key of keys) expect(state.delete(key)).toBe(true);
    return readings(state);
  };
  expect(without(fusion as Network, 'decoder.1.conv1.weight')).toEqual({});
  expect(without(fusionTdwa as Network, 'time.4.weight')).toEqual({});
  expect(without(fusionUnet as Network, 'middle.time.weight')).toEqual({});
  expect(readings(new Map([['weight', [4, 4]]]))).toEqual({});
  expect(readings(new Map([['weight', [3, 3]]]))).toEqual({});
  expect(readings(new Map())).toEqual({});
});
