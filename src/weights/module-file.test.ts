import { expect, test } from 'vitest';
import type { PerceptualNetwork } from '../networks/network.js';
import { lpipsAlex, lpipsSqueeze } from '../networks/perceptual/lpips.js';
import { findPerceptualNetwork } from '../networks/registry.js';
import { madeUpModule } from '../restoration/testing/packs.js';
import { decodeSafetensors, encodeSafetensors } from '../tensor/safetensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError, ParameterError } from '../utils/errors.js';
import {
  declaredParameters,
  decodeModule,
  defineModule,
  encodeModule,
  type Module,
} from './module-file.js';
import { madeUpPerceptualModule } from './testing/perceptual-modules.js';

const fusion = madeUpModule('fusion', { features: 4, growth: 2 });
const others = [
  madeUpModule('compact-restorer', { features: 4, blocks: 1 }),
  madeUpModule('unshuffled-unet', { widths: [4, 6], blocks: 1 }),
  madeUpModule('swinir', { embed_dim: 8, depths: [2], num_heads: [2], window_size: 4 }),
  madeUpModule('mirnet', { in_channels: 4, n_feat: 8, n_RRG: 1, n_MSRB: 1, height: 2 }),
];

test.each([fusion, ...others])(
  '$network.name keeps configuration and weights in a file',
  (module) => {
    const read = decodeModule(encodeModule(module), 'module');
    expect(read.network).toBe(module.network);
    expect(read.config).toEqual(module.config);
    expect(read.weights).toEqual(module.weights);
    expect(encodeModule(read)).toEqual(encodeModule(module));
  },
);

test('half precision halves the file and keeps eleven bits', () => {
  const half = encodeModule(fusion, { half: true });
  expect(half.length).toBeLessThan(0.7 * encodeModule(fusion).length);
  const { weights } = decodeModule(half, 'module');
  for (const [name, { data }] of fusion.weights)
    for (const [place, value] of data.entries())
      expect(Math.abs(weights.get(name)!.data[place]! - value)).toBeLessThanOrEqual(
        2 ** -11 * Math.abs(value) + 2 ** -25,
      );
  expect(encodeModule(decodeModule(half, 'module'), { half: true })).toEqual(half);
});

function changed(change: (weights: Map<string, Tensor>) => void): Module {
  const weights = new Map<string, Tensor>();
  for (const [name, { shape, data }] of fusion.weights)
    weights.set(name, tensor(shape, data.slice()));
  change(weights);
  return { ...fusion, weights };
}

const name = 'conv_in.weight';

test.each([70000, Number.NaN, Number.NEGATIVE_INFINITY])(
  '%s does not fit half precision',
  (value) => {
    const module = changed((weights) => {
      weights.get(name)!.data[2] = value;
    });
    expect(() => encodeModule(module, { half: true })).toThrow(ModelError);
    expect(() => encodeModule(module, { half: true })).toThrow('fusion: conv_in.weight[2]');
  },
);

test.each<[string, (weights: Map<string, Tensor>) => void, string]>([
  ['NaN', (weights) => weights.get(name)!.data.fill(Number.NaN, 5, 6), 'conv_in.weight[5] is NaN'],
  [
    'infinity',
    (weights) => weights.get(name)!.data.fill(-1 / 0, 7),
    'conv_in.weight[7] is -Infinity',
  ],
  ['a missing parameter', (weights) => weights.delete(name), 'lacks the parameter conv_in.weight'],
  [
    'another shape',
    (weights) => weights.set(name, tensor([4, 3, 3])),
    'conv_in.weight has the wrong shape',
  ],
  [
    'a parameter too many',
    (weights) => weights.set('extra', tensor([1])),
    'extra is no parameter of fusion',
  ],
])('%s is refused with the name of file and tensor', (_, change, message) => {
  const bytes = encodeModule(changed(change));
  expect(() => decodeModule(bytes, 'folder/fusion.safetensors')).toThrow(ModelError);
  expect(() => decodeModule(bytes, 'folder/fusion.safetensors')).toThrow(
    `folder/fusion.safetensors: ${message}`,
  );
});

function withMetadata(entries: [string, string][]): Uint8Array {
  return encodeSafetensors(decodeSafetensors(encodeModule(fusion)).tensors, new Map(entries));
}

test.each<[string, [string, string][], string]>([
  ['no metadata', [], 'does not name its network'],
  [
    'an unknown network',
    [
      ['network', 'oracle'],
      ['config', '{}'],
    ],
    'the network "oracle", which is not known',
  ],
  [
    'a configuration that is not JSON',
    [
      ['network', 'fusion'],
      ['config', '{'],
    ],
    'its configuration is not JSON',
  ],
  [
    'a wrong configuration',
    [
      ['network', 'fusion'],
      ['config', '{"features":3}'],
    ],
    'its configuration is not valid: fusion.features',
  ],
  [
    'a configuration of nothing',
    [
      ['network', 'fusion'],
      ['config', 'null'],
    ],
    'its configuration is not valid',
  ],
  [
    'the configuration of other weights',
    [
      ['network', 'fusion'],
      ['config', '{}'],
    ],
    'has the wrong shape',
  ],
])('a file with %s is refused', (_, entries, message) => {
  expect(() => decodeModule(withMetadata(entries), 'm.safetensors')).toThrow(ModelError);
  expect(() => decodeModule(withMetadata(entries), 'm.safetensors')).toThrow(/^m\.safetensors: /);
  expect(() => decodeModule(withMetadata(entries), 'm.safetensors')).toThrow(message);
});

test('a file that is cut off is refused by its name', () => {
  const bytes = encodeModule(fusion);
  for (const length of [0, 7, 100, bytes.length - 1])
    expect(() => decodeModule(bytes.subarray(0, length), 'm.safetensors')).toThrow(
      /^m\.safetensors: /,
    );
});

test('a module is defined by a configuration that fits its weights', () => {
  expect(() => defineModule(fusion.network, { features: 3 }, fusion.weights)).toThrow(
    ParameterError,
  );
  expect(() => defineModule(fusion.network, { features: 6 }, fusion.weights)).toThrow(ModelError);
});

const module = madeUpPerceptualModule(lpipsSqueeze);
const network = lpipsSqueeze as PerceptualNetwork;
const head = 'lin3.model.1.weight';
const file = 'folder/lpips.safetensors';

const asBytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

test('network, configuration and weights are kept in a file', () => {
  const read = decodeModule(encodeModule(module), file, findPerceptualNetwork);
  expect(read.network).toBe(network);
  expect(read.config).toEqual(module.config);
  expect([...read.weights.keys()].sort()).toEqual([...module.weights.keys()].sort());
  for (const [name, { shape, data }] of read.weights) {
    expect(shape).toEqual(module.weights.get(name)!.shape);
    expect(asBytes(data).equals(asBytes(module.weights.get(name)!.data))).toBe(true);
  }
});

test('half precision halves the file and keeps eleven bits', () => {
  const half = encodeModule(module, { half: true });
  expect(half.length).toBeLessThan(0.55 * encodeModule(module).length);
  const read = decodeModule(half, file, findPerceptualNetwork).weights.get(head)!;
  for (const [place, value] of module.weights.get(head)!.data.entries())
    expect(Math.abs(read.data[place]! - value)).toBeLessThanOrEqual(2 ** -11 * Math.abs(value));
});

test.each<[string, (weights: Map<string, Tensor>) => void, string]>([
  ['a missing head', (weights) => weights.delete(head), `lacks the parameter ${head}`],
  [
    'the head of another backbone',
    (weights) => weights.set(head, tensor([1, 256, 1, 1])),
    `${head} has the wrong shape`,
  ],
  ['NaN', (weights) => weights.get(head)!.data.fill(Number.NaN, 5, 6), `${head}[5] is NaN`],
  [
    'a tensor too many',
    (weights) => weights.set('fc.bias', tensor([1])),
    'fc.bias is no parameter of lpips-squeeze',
  ],
])('%s is refused with the name of file and tensor', (_, change, message) => {
  const weights = new Map(
    [...module.weights].map(([name, { shape, data }]) => [name, tensor(shape, data.slice())]),
  );
  change(weights);
  const bytes = encodeModule({ ...module, weights });
  expect(() => decodeModule(bytes, file, findPerceptualNetwork)).toThrow(ModelError);
  expect(() => decodeModule(bytes, file, findPerceptualNetwork)).toThrow(`${file}: ${message}`);
  expect(() => defineModule(network, {}, weights)).toThrow(`lpips-squeeze: ${message}`);
});

test.each<[string, Record<string, string>, string]>([
  ['no metadata', {}, 'does not name its network'],
  [
    'a network that makes images',
    { network: 'fusion', config: '{}' },
    'is for the network "fusion", which has another role: fusion',
  ],
  [
    'a configuration that is not JSON',
    { network: 'lpips-squeeze', config: '{' },
    'its configuration is not JSON',
  ],
  [
    'a wrong configuration',
    { network: 'lpips-squeeze', config: '{"net":"alex"}' },
    'its configuration is not valid: lpips-squeeze.net',
  ],
])('a file with %s is refused', (_, metadata, message) => {
  const { tensors } = decodeSafetensors(encodeModule(module));
  const bytes = encodeSafetensors(tensors, new Map(Object.entries(metadata)));
  expect(() => decodeModule(bytes, file, findPerceptualNetwork)).toThrow(ModelError);
  expect(() => decodeModule(bytes, file, findPerceptualNetwork)).toThrow(`${file}: ${message}`);
});

test('a wrong configuration in a call is the caller’s fault', () => {
  const define = () => defineModule(network, { net: 'alex' }, module.weights);
  expect(define).toThrow(ParameterError);
});

test('the parameters of AlexNet with its heads are declared under the reference’s names', () => {
  const declared = declaredParameters(lpipsAlex as PerceptualNetwork, {});
  expect(declared.get('net.slice2.3.weight')!.shape).toEqual([192, 64, 5, 5]);
  expect(declared.get(head)!.shape).toEqual([1, 256, 1, 1]);
});
