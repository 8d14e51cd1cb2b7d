import { expect, test } from 'vitest';
import { ModelError } from '../../../tensor/errors.js';
import { FEATURES } from './block-features.js';
import { encodeNaturalScenes, parseNaturalScenes, versionOf } from './natural-scenes.js';

const mean = Array.from({ length: FEATURES }, (_, index) => Math.sin(index));
const covariance = mean.map((_, r) =>
  mean.map((_, c) => (r === c ? 2 : Math.cos(r + c) / (1 + Math.abs(r - c)))),
);
const whole = { mean, covariance };
const lower = { mean, covariance: covariance.map((row, index) => row.slice(0, index + 1)) };

test('whole matrices and those up to the diagonal are the same scenes', () => {
  const scenes = parseNaturalScenes(whole, 'mine.json');
  expect(scenes).toEqual({ name: 'mine.json', mean, covariance });
  expect(parseNaturalScenes(lower, 'mine.json')).toEqual(scenes);
});

test('what is written is read again and has the same version', () => {
  const scenes = { ...whole, name: 'streets', provenance: 'own photographs', blocks: 77 };
  const again = parseNaturalScenes(JSON.parse(encodeNaturalScenes(scenes)), 'file');
  expect(again).toMatchObject({ name: 'streets', provenance: 'own photographs', blocks: 77 });
  again.covariance.forEach((row, r) => {
    row.forEach((value, c) => {
      expect(value).toBeCloseTo(covariance[r]![c]!, 8);
    });
  });
  expect(versionOf(again)).toBe(versionOf(scenes));
  const other = { ...scenes, mean: mean.map((value, index) => (index === 3 ? 1 : value)) };
  expect(versionOf(other)).not.toBe(versionOf(scenes));
});

test.each<[string, unknown, RegExp]>([
  ['no object', 7, /holds no parameters of NIQE/],
  ['too few means', { ...whole, mean: mean.slice(1) }, /mean/],
  ['rows of other lengths', { ...whole, covariance: covariance.map((r) => r.slice(2)) }, /neither/],
  ['a number that is none', { ...whole, mean: mean.map(() => null) }, /mean/],
  [
    'no symmetry',
    { ...whole, covariance: covariance.map((row, r) => row.map((v, c) => (c > r ? v + 1 : v))) },
    /not symmetric/,
  ],
  [
    'a negative variance',
    { ...whole, covariance: covariance.map((row) => row.map((v) => -v)) },
    /negative variance/,
  ],
])('%s is refused', (_, json, message) => {
  const parse = () => parseNaturalScenes(json, 'mine.json');
  expect(parse).toThrow(ModelError);
  expect(parse).toThrow(message);
  expect(parse).toThrow(/^mine\.json/);
});
