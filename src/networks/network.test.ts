import { expect, test } from 'vitest';
import { ParameterError } from '../utils/errors.js';
import { mirnet } from './mirnet.js';
import { parseConfiguration } from './network.js';
import { findNetwork, networks } from './registry.js';

test('a configuration is completed with the defaults', () => {
  expect(parseConfiguration(mirnet, { n_MSRB: 1 })).toMatchObject({ blocks: 1, features: 64 });
});

test.each([
  [{ n_feat: 'many' }, 'mirnet.n_feat: expected a number, received "many"'],
  [
    { n_feat: 4 },
    'mirnet.n_feat: expected at least 8: channel attention has an eighth of them, received 4',
  ],
  [{ widths: 3 }, 'mirnet.widths: expected no such entry, received 3'],
  [null, 'mirnet: expected an object, received null'],
])('%j is refused by the first entry at fault', (json, message) => {
  const parse = () => parseConfiguration(mirnet, json);
  expect(parse).toThrow(ParameterError);
  expect(parse).toThrow(message);
});

test('networks are found by their name and by that of a variant', () => {
  for (const network of networks) expect(findNetwork(network.name)).toBe(network);
  expect(findNetwork('swinir_light_x4')?.name).toBe('swinir');
  expect(findNetwork('swinirs')).toBeUndefined();
  expect(findNetwork('')).toBeUndefined();
});
