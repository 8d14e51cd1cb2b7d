import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pairFiles } from './image-pairs.js';

const pair = (inputs: string[], targets: string[]) => {
  const { items, strays } = pairFiles(
    { folder: '/in', files: inputs },
    { folder: '/out', files: targets },
  );
  return {
    pairs: items.map(({ name, inputs: [input], target }) => [name, input, target]),
    strays: strays.map(({ file }) => file),
  };
};

test('files of one name are partners, whatever their formats', () => {
  expect(pair(['a.jpg', 'b/c.png'], ['b/c.png', 'a.png'])).toEqual({
    pairs: [
      ['a', '/in/a.jpg', '/out/a.png'],
      ['b/c', '/in/b/c.png', '/out/b/c.png'],
    ],
    strays: [],
  });
});

test.each([
  ['0801x4.png', '0801.png', '0801'],
  ['0001x4w2.png', '0001.png', '0001'],
  ['baby_LRBI_x4.png', 'baby_HR_x4.png', 'baby'],
  ['img_001_SRF_4_LR.png', 'img_001_SRF_4_HR.png', 'img_001_SRF_4'],
  ['street_blurry.jpg', 'street_sharp.png', 'street'],
])('%s and %s are partners', (input, target, name) => {
  expect(pair([input], [target])).toEqual({
    pairs: [[name, join('/in', input), join('/out', target)]],
    strays: [],
  });
});

test('equal names come before names that are equal without a suffix', () => {
  expect(pair(['ax4.png', 'a.png'], ['a.png', 'ax4.png']).pairs).toEqual([
    ['a', '/in/a.png', '/out/a.png'],
    ['ax4', '/in/ax4.png', '/out/ax4.png'],
  ]);
});

test('what has no partner, or several, is left out on both sides', () => {
  expect(pair(['a.png', 'cx2.png', 'cx4.png'], ['b.png', 'c.png'])).toEqual({
    pairs: [],
    strays: ['/in/a.png', '/in/cx2.png', '/in/cx4.png', '/out/b.png', '/out/c.png'],
  });
});

test('of two files with one name the second is a stray', () => {
  expect(pair(['a.jpg', 'a.png'], ['a.png'])).toEqual({
    pairs: [['a', '/in/a.jpg', '/out/a.png']],
    strays: ['/in/a.png'],
  });
});

test('names of JavaScript are names like others', () => {
  const names = ['__proto__.png', 'constructor.png', 'toString.png'];
  expect(pair(names, names).pairs.map(([name]) => name)).toEqual([
    ...['__proto__', 'constructor', 'toString'],
  ]);
});
