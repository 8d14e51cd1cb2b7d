import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseConfiguration } from '../../networks/configuration.js';
import type { Network } from '../../networks/network.js';
import { findNetwork } from '../../networks/registry.js';
import { ModelError } from '../../tensor/errors.js';
import { detect, detectNetwork } from './index.js';

const folder = new URL('../../../conformance/', import.meta.url);

interface Case {
  readonly network: string;
  readonly config?: unknown;
  readonly state_dict: Record<string, number[]>;
  readonly not_trained?: string[];
}

const cases = readdirSync(folder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => [file, JSON.parse(readFileSync(new URL(file, folder), 'utf8'))] as const)
  .filter((entry): entry is readonly [string, Case] => 'state_dict' in entry[1]);

function shapes(name: string): Map<string, readonly number[]> {
  return new Map(Object.entries(cases.find(([file]) => file === name)![1].state_dict));
}

/** Entries of made-up configurations that no shape tells and no published checkpoint has. */
const untold: Record<string, Record<string, unknown>> = {
  'swinir-grey-denoise.json': { img_range: 255 },
  'swinir-small-windows.json': { window_size: 8, img_size: 4 },
  'swinir-window-7.json': { img_range: 1 },
  'swinir-without-biases.json': { qk_scale: 0.7 },
};

test.each(cases)('%s gives its architecture and configuration', (file, entry) => {
  const state = new Map(Object.entries(entry.state_dict));
  const found =
    file in untold
      ? ({ kind: 'network', ...detectNetwork(state, file, { config: untold[file]! }) } as const)
      : detect(state, file);
  const network = findNetwork(entry.network);
  if (found.kind === 'perceptual') {
    expect(entry.network.startsWith(found.network.name)).toBe(true);
  } else {
    expect(found.network).toBe(network);
    expect(found.config).toEqual(parseConfiguration(network!, entry.config ?? {}));
    expect(parseConfiguration(found.network, found.statedConfig)).toEqual(found.config);
  }
  const counters = [...state.keys()].filter((key) => key.endsWith('.num_batches_tracked'));
  expect(new Set(found.buffers)).toEqual(new Set(entry.not_trained ?? counters));
  expect(new Set([...found.names.keys(), ...found.buffers])).toEqual(new Set(state.keys()));
});

test('what wrappers put before every key is left off, and given back in the names', () => {
  const state = shapes('swinir-light-x4.json');
  const wrapped = new Map([...state].map(([key, shape]) => [`module._orig_mod.${key}`, shape]));
  const found = detectNetwork(wrapped, 'checkpoint');
  expect(found.network.name).toBe('swinir');
  expect(found.names.get('module._orig_mod.conv_first.weight')).toBe('conv_first.weight');
  expect(found.buffers.every((key) => key.startsWith('module._orig_mod.'))).toBe(true);
  expect(found.config).toEqual(detectNetwork(state, 'checkpoint').config);
});

test('counters of averaging and profiling tools are no parameters', () => {
  const state = shapes('udp.json');
  const averaged = new Map([...state].map(([key, shape]) => [`module.${key}`, shape]));
  const counters = ['n_averaged', 'module.total_ops', 'module.middle.0.total_params'];
  for (const key of counters) averaged.set(key, []);
  const found = detectNetwork(averaged, 'checkpoint');
  expect(found.config).toEqual(detectNetwork(state, 'checkpoint').config);
  expect(found.buffers).toEqual(counters);
});

test('a prefix that one key lacks is no prefix', () => {
  const wrapped = new Map(
    [...shapes('udp.json')].map(([key, shape], place) => [
      place === 0 ? key : `module.${key}`,
      shape,
    ]),
  );
  expect(() => detectNetwork(wrapped, 'udp.pth')).toThrow(ModelError);
});

test.each<[string, (state: Map<string, readonly number[]>) => void, RegExp]>([
  ['a key too few', (state) => state.delete('conv_hr.bias'), /rrdb: 1 missing \(conv_hr\.bias\)$/],
  [
    'a key too many',
    (state) => state.set('conv_up3.bias', [64]),
    /1 unexpected \(conv_up3\.bias\)/,
  ],
  [
    'another shape',
    (state) => state.set('body.1.rdb2.conv3.weight', [32, 100, 3, 3]),
    /1 of another shape \(body\.1\.rdb2\.conv3\.weight expected \[32,128,3,3\] received \[32,100,3,3\]\)/,
  ],
  [
    'all of it',
    (state) => {
      state.delete('conv_hr.bias');
      for (let extra = 0; extra < 9; extra += 1) state.set(`extra.${extra}`, [1]);
    },
    /1 missing \(conv_hr\.bias\); 9 unexpected \(extra\.0, extra\.1, extra\.2, extra\.3, …\)/,
  ],
])('%s is refused with the closest architecture and the keys', (_, change, message) => {
  const state = shapes('rrdb.json');
  change(state);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(ModelError);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(message);
  expect(() => detectNetwork(state, 'esrgan.pth')).toThrow(
    /^esrgan\.pth: is of no known architecture\. The closest is rrdb: /,
  );
});

test('a network of which only the blocks are left is still compared with its own kind', () => {
  const state = new Map([...shapes('nafnet.json')].filter(([key]) => key !== 'intro.weight'));
  expect(() => detectNetwork(state, 'x.pth')).toThrow(/The closest is nafnet: .*intro\.weight/);
});

test('what fits two architectures is refused with both names, until one is said', () => {
  const [rrdb, twin] = ['rrdb', 'twin'].map((name) => ({ ...findNetwork('rrdb')!, name })) as [
    Network,
    Network,
  ];
  const state = shapes('rrdb.json');
  expect(() => detectNetwork(state, 'x.pth', { among: [rrdb, twin] })).toThrow(
    'x.pth: fits several architectures: rrdb, twin; say which',
  );
  expect(detectNetwork(state, 'x.pth', { among: [twin] }).network).toBe(twin);
});

test('keys that resemble nothing are listed', () => {
  const state = new Map([['alpha', [2]]]);
  expect(() => detectNetwork(state, 'x.pth')).toThrow(/no known architecture; its keys are alpha$/);
});
