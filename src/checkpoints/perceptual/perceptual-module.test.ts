import { expect, test } from 'vitest';
import { lpipsAlex, lpipsSqueeze } from '../../networks/perceptual/lpips.js';
import type { PerceptualNetwork } from '../../networks/perceptual/perceptual-network.js';
import { ModelError, ParameterError } from '../../tensor/errors.js';
import { decodeSafetensors, encodeSafetensors } from '../../tensor/safetensors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { madeUpPerceptualModule } from '../testing/perceptual-modules.js';
import {
  decodePerceptualModule,
  definePerceptualModule,
  encodePerceptualModule,
  perceptualParameters,
} from './perceptual-module.js';

const module = madeUpPerceptualModule(lpipsSqueeze);
const network = lpipsSqueeze as PerceptualNetwork;
const head = 'lin3.model.1.weight';
const file = 'folder/lpips.safetensors';

const asBytes = ({ buffer, byteOffset, byteLength }: Float32Array) =>
  Buffer.from(buffer, byteOffset, byteLength);

test('network, configuration and weights are kept in a file', () => {
  const read = decodePerceptualModule(encodePerceptualModule(module), file);
  expect(read.network).toBe(network);
  expect(read.config).toEqual(module.config);
  expect([...read.weights.keys()].sort()).toEqual([...module.weights.keys()].sort());
  for (const [name, { shape, data }] of read.weights) {
    expect(shape).toEqual(module.weights.get(name)!.shape);
    expect(asBytes(data).equals(asBytes(module.weights.get(name)!.data))).toBe(true);
  }
});

test('half precision halves the file and keeps eleven bits', () => {
  const half = encodePerceptualModule(module, { half: true });
  expect(half.length).toBeLessThan(0.55 * encodePerceptualModule(module).length);
  const read = decodePerceptualModule(half, file).weights.get(head)!;
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
  const bytes = encodePerceptualModule({ ...module, weights });
  expect(() => decodePerceptualModule(bytes, file)).toThrow(ModelError);
  expect(() => decodePerceptualModule(bytes, file)).toThrow(`${file}: ${message}`);
  expect(() => definePerceptualModule(network, {}, weights)).toThrow(`lpips-squeeze: ${message}`);
});

test.each<[string, Record<string, string>, string]>([
  ['no metadata', {}, 'does not say which network it is for'],
  [
    'a network that makes pictures',
    { network: 'fusion', config: '{}' },
    'is for "fusion", which is no known perceptual network',
  ],
  [
    'a configuration that is no JSON',
    { network: 'lpips-squeeze', config: '{' },
    'its configuration is no JSON',
  ],
  [
    'a wrong configuration',
    { network: 'lpips-squeeze', config: '{"net":"alex"}' },
    'its configuration is not valid: lpips-squeeze.net',
  ],
])('a file with %s is refused', (_, metadata, message) => {
  const { tensors } = decodeSafetensors(encodePerceptualModule(module));
  const bytes = encodeSafetensors(tensors, new Map(Object.entries(metadata)));
  expect(() => decodePerceptualModule(bytes, file)).toThrow(ModelError);
  expect(() => decodePerceptualModule(bytes, file)).toThrow(`${file}: ${message}`);
});

test('a wrong configuration in a call is the caller’s fault', () => {
  const define = () => definePerceptualModule(network, { net: 'alex' }, module.weights);
  expect(define).toThrow(ParameterError);
});

test('the parameters of AlexNet with its heads are declared under the reference’s names', () => {
  const declared = perceptualParameters(lpipsAlex as PerceptualNetwork, {});
  expect(declared.get('net.slice2.3.weight')!.shape).toEqual([192, 64, 5, 5]);
  expect(declared.get(head)!.shape).toEqual([1, 256, 1, 1]);
});
