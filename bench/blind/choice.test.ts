import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ParameterError } from '../../src/utils/errors.js';
import { CROP, chooseCrops, countVotes, regionsSchema } from './choice.js';

const text = readFileSync(new URL('./regions.json', import.meta.url), 'utf8');
const regions = regionsSchema.parse(JSON.parse(text));

test('crops lie inside their regions, every category is among them, and the seed decides', () => {
  const crops = chooseCrops(regions, 7, 20);
  expect(crops).toHaveLength(20);
  expect(new Set(crops.map(({ category }) => category))).toEqual(
    new Set(regions.map(({ category }) => category)),
  );
  for (const { category, image, left, top } of crops)
    expect(
      regions.some(
        ({ category: kind, image: name, box: [x0, y0, x1, y1] }) =>
          kind === category &&
          name === image &&
          left >= x0 &&
          top >= y0 &&
          left + CROP <= x1 &&
          top + CROP <= y1,
      ),
    ).toBe(true);
  expect(chooseCrops(regions, 7, 20)).toEqual(crops);
  expect(chooseCrops(regions, 8, 20)).not.toEqual(crops);
  expect(() => chooseCrops(regions, 7, 1000)).toThrow(ParameterError);
});

test('a majority decides on a pair, and control pairs count apart', () => {
  const key = {
    pairs: {
      a: { side: 'left', control: false },
      b: { side: 'right', control: false },
      c: { side: 'left', control: true },
    },
  } as const;
  const outcome = countVotes(key, [
    { a: 'left', b: 'left', c: 'left' },
    { a: 'left', b: 'right', c: 'right' },
    { a: 'right', b: 'left', c: 'left' },
  ]);
  expect(outcome).toEqual({
    preferred: 1,
    pairs: 2,
    judges: [
      { preferred: 1, controls: 1 },
      { preferred: 2, controls: 0 },
      { preferred: 0, controls: 1 },
    ],
    controls: 1,
  });
  expect(() => countVotes(key, [{ a: 'left', b: 'left' }])).toThrow(ParameterError);
});
