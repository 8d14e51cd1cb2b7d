import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { StateShapes } from '../../networks/network.js';
import { integerAt } from '../../tensor/random.js';
import { processorTime } from '../../tensor/testing/hostile-files.js';
import { ModelError } from '../../utils/errors.js';
import { detectNetwork } from './detect.js';

const folder = new URL('../../../conformance/', import.meta.url);

// What is built once, of all architectures, is not the work of a file.
expect(() => detectNetwork(new Map([['x', [1]]]), 'first')).toThrow(ModelError);

function shapes(name: string): Map<string, number[]> {
  const { state_dict } = JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
  return new Map(Object.entries(state_dict as Record<string, number[]>));
}

/** A state dictionary with something more in it. */
function also(name: string, entries: Iterable<readonly [string, number[]]>): StateShapes {
  return new Map([...shapes(name), ...entries]);
}

function* numbered(count: number, key: (index: number) => string, shape: number[] = [1]) {
  for (let index = 0; index < count; index += 1) yield [key(index), shape] as const;
}

const group = 'layers.0.residual_group.blocks';

test.each<[string, () => StateShapes, RegExp]>([
  ['nothing', () => new Map(), /holds no tensors/],
  ['a million tensors', () => new Map(numbered(1e6, (i) => `k${i}`)), /1000000 tensors, more than/],
  ['an endless name', () => new Map([['a'.repeat(1e6), [1]]]), /name has 1000000 characters/],
  ['many dimensions', () => new Map([['a', new Array<number>(1e5).fill(1)]]), /100000 dimensions/],
  [
    'a width without a byte',
    () => also('rrdb', [['conv_first.weight', [1e9, 0, 3, 3]]]),
    /"conv_first\.weight" of shape \[1000000000,0,3,3\] is empty/,
  ],
  ['a negative extent', () => also('rrdb', [['conv_first.weight', [-4, 3, 3, 3]]]), /is empty/],
  [
    'no number for an extent',
    () => also('rrdb', [['conv_first.weight', [Number.NaN, 3, 3, 3]]]),
    /is empty/,
  ],
  [
    'wrappers without end',
    () => new Map(numbered(10_000, (i) => `${'module.'.repeat(70)}intro.weight${i}`)),
    /no known architecture/,
  ],
  [
    'more blocks than parameters',
    () =>
      also(
        'nafnet',
        numbered(9000, (i) => `middle_blks.${i}.conv1.weight`),
      ),
    /closest is nafnet/,
  ],
  [
    'blocks that multiply',
    () =>
      also('mirnet-s', [
        ...numbered(1000, (i) => `body.${i}.body.0.blocks.0.0.body.0.weight`),
        ...numbered(1000, (i) => `body.0.body.${i}.blocks.0.0.body.0.weight`),
        ...numbered(8, (i) => `body.0.body.0.blocks.${i}.0.body.0.weight`),
      ]),
    /closest is mirnet/,
  ],
  [
    'columns without end',
    () =>
      also(
        'mirnet',
        numbered(9000, (i) => `body.0.body.0.blocks.0.${i}.body.0.weight`),
      ),
    /closest is mirnet/,
  ],
  [
    'windows of a thousand pixels',
    () =>
      also('swinir-window-7', [[`${group}.0.attn.relative_position_bias_table`, [1999 ** 2, 2]]]),
    /no known architecture/,
  ],
  [
    'windows of no whole side',
    () => also('swinir-window-7', [[`${group}.0.attn.relative_position_bias_table`, [170, 2]]]),
    /no known architecture/,
  ],
  [
    'blocks of large windows',
    () =>
      also('swinir-window-7', [
        [`${group}.0.attn.relative_position_bias_table`, [63 ** 2, 2]],
        ...numbered(1000, (i) => `${group}.${i}.norm1.weight`),
      ]),
    /no known architecture/,
  ],
  [
    'a scale of a million',
    () => also('swinir-light-x4', [['upsample.0.weight', [3e12, 60, 3, 3]]]),
    /closest is swinir/,
  ],
  [
    'a position embedding of a gigapixel',
    () => also('swinir-positions', [['absolute_pos_embed', [1, 2 ** 24, 12]]]),
    /expected at most 131072 pixels with ape/,
  ],
  [
    'features beyond counting',
    () => also('nafnet', [['intro.weight', [2 ** 52, 3, 3, 3]]]),
    /closest is nafnet/,
  ],
  [
    'a channel count beyond counting',
    () => also('rrdb', [['conv_first.weight', [64, 2 ** 50, 3, 3]]]),
    /closest is rrdb/,
  ],
  [
    'names that JavaScript objects treat specially',
    () => new Map(['__proto__', 'constructor', 'toString'].map((key) => [key, [1]])),
    /no known architecture/,
  ],
])('%s is refused within a second and little memory', (_, build, message) => {
  const state = build();
  const before = process.memoryUsage.rss();
  const time = processorTime(() => {
    expect(() => detectNetwork(state, 'bad.pth')).toThrow(ModelError);
  });
  expect(time).toBeLessThan(1000);
  expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 28);
  expect(() => detectNetwork(state, 'bad.pth')).toThrow(message);
  expect(() => detectNetwork(state, 'bad.pth')).toThrow(/^bad\.pth: /);
});

const extents = [
  0,
  1,
  2,
  3,
  4,
  7,
  8,
  9,
  12,
  16,
  48,
  64,
  576,
  3969,
  65536,
  2 ** 31,
  2 ** 53,
  -1,
  0.5,
];
const small = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => file.slice(0, -5))
  .filter(
    (name) => 'state_dict' in JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')),
  )
  .map(shapes)
  .filter((state) => state.size < 240);

/** One to four changes of keys and shapes, a function of the number of the case alone. */
function mutated(state: ReadonlyMap<string, number[]>, stream: number): StateShapes {
  let draw = 0;
  const below = (bound: number): number => integerAt(20240612, stream, draw++, bound);
  const entries = [...state].map(([key, shape]) => ({ key, shape }));
  for (let changes = 1 + below(4); changes > 0; changes -= 1) {
    const at = below(entries.length);
    const { key, shape } = entries[at]!;
    const extent = extents[below(extents.length)]!;
    switch (below(6)) {
      case 0:
        entries[at] = { key, shape: shape.with(below(shape.length), extent) };
        break;
      case 1:
        entries[at] = { key, shape: shape.slice(below(2), shape.length - below(2)) };
        break;
      case 2:
        entries[at] = { key, shape: [...shape, extent] };
        break;
      case 3:
        entries.splice(at, 1);
        break;
      case 4:
        entries.push({ key: key.replace(/\d+/, `${below(12)}`), shape });
        break;
      default:
        entries[at] = { key: `${key.slice(0, below(key.length))}`, shape };
    }
    if (entries.length === 0) break;
  }
  return new Map(entries.map(({ key, shape }) => [key, shape]));
}

test('changed state dictionaries give a network that fits, or a typed error, soon', () => {
  let slowest = 0;
  let refused = 0;
  for (let stream = 0; stream < 600; stream += 1) {
    const state = mutated(small[stream % small.length]!, stream);
    const time = processorTime(() => {
      try {
        const { names, buffers } = detectNetwork(state, 'x');
        expect(names.size + buffers.length).toBe(state.size);
      } catch (error) {
        if (!(error instanceof ModelError)) throw new Error(`case ${stream}`, { cause: error });
        refused += 1;
      }
    });
    slowest = Math.max(slowest, time);
  }
  expect(refused).toBeGreaterThan(300);
  expect(slowest).toBeLessThan(1000);
});
