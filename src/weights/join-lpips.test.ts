import { expect, test } from 'vitest';
import type { PerceptualNetwork } from '../networks/network.js';
import { lpipsAlex, lpipsNetworks, lpipsSqueeze, lpipsVgg } from '../networks/perceptual/lpips.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import { joinLpips } from './join-lpips.js';
import { declaredParameters } from './module-file.js';
import { madeUpPerceptualModule } from './testing/perceptual-modules.js';

/** Empty weights of a network, as the two files in which they are published. */
function published(network: typeof lpipsAlex) {
  const whole = new Map<string, Tensor>();
  for (const [name, { shape }] of declaredParameters(network as PerceptualNetwork, {}))
    whole.set(name, tensor(shape));
  return { whole, ...apart(whole) };
}

function apart(whole: ReadonlyMap<string, Tensor>) {
  const heads = new Map([...whole].filter(([name]) => name.startsWith('lin')));
  const backbone = new Map<string, Tensor>();
  for (const [name, value] of whole)
    if (name.startsWith('net.')) backbone.set(name.replace(/^net\.slice\d/, 'features'), value);
  return { heads, backbone };
}

function expectSame(joined: ReadonlyMap<string, Tensor>, whole: ReadonlyMap<string, Tensor>) {
  expect([...joined.keys()]).toEqual([...whole.keys()]);
  for (const [key, value] of joined) expect(value).toBe(whole.get(key));
}

test.each(Object.keys(lpipsNetworks) as (keyof typeof lpipsNetworks)[])(
  'the joined files of %s are its state dictionary, tensor by tensor',
  (name) => {
    const { whole, heads, backbone } = published(lpipsNetworks[name]);
    backbone.set('classifier.1.weight', tensor([10, 4]));
    backbone.set('classifier.1.bias', tensor([10]));
    expectSame(joinLpips(heads, backbone), whole);
  },
);

test('made-up weights come back as the module they were taken from', () => {
  const { weights } = madeUpPerceptualModule(lpipsSqueeze);
  const { heads, backbone } = apart(weights);
  expect(joinLpips(heads, backbone)).toEqual(weights);
});

test('heads may go by their second names, and come with the constants of the scaling', () => {
  const { whole, heads, backbone } = published(lpipsAlex);
  const later = new Map<string, Tensor>([['scaling_layer.shift', tensor([1, 3, 1, 1])]]);
  for (const [key, value] of heads) later.set(key.replace(/^lin(\d)/, 'lins.$1'), value);
  expectSame(joinLpips(later, backbone), whole);
  for (const [key, value] of heads) later.set(key, value);
  expectSame(joinLpips(later, backbone), whole);
});

type Change = (files: { heads: Map<string, Tensor>; backbone: Map<string, Tensor> }) => void;

test.each<[string, Change, string]>([
  [
    'a missing kernel',
    ({ backbone }) => backbone.delete('features.6.weight'),
    "the backbone: lacks features.6.weight of torchvision's alexnet",
  ],
  [
    'several missing tensors',
    ({ backbone }) => {
      for (const key of ['3.weight', '3.bias', '8.bias', '10.bias'])
        backbone.delete(`features.${key}`);
    },
    'lacks features.3.weight, features.3.bias, features.8.bias and 1 more of',
  ],
  [
    'a wider layer',
    ({ backbone }) => backbone.set('features.8.weight', tensor([512, 384, 3, 3])),
    "features.8.weight has the wrong shape for torchvision's alexnet",
  ],
  [
    'a layer too many',
    ({ backbone }) => backbone.set('features.11.weight', tensor([4, 4, 3, 3])),
    "features.11.weight is no part of torchvision's alexnet",
  ],
  [
    'a missing head',
    ({ heads }) => heads.delete('lin1.model.1.weight'),
    'the LPIPS heads: lacks lin1.model.1.weight of lpips-alex',
  ],
  [
    'a tensor that is no head',
    ({ heads }) => heads.set('rankLoss.net.weight', tensor([1])),
    'the LPIPS heads: rankLoss.net.weight is no part of lpips-alex',
  ],
  [
    'no heads at all',
    ({ heads }) => heads.clear(),
    'the LPIPS heads: lacks lin0.model.1.weight, lin1.model.1.weight, lin2.model.1.weight and 2 more',
  ],
])('%s is refused by name', (_, change, message) => {
  const files = published(lpipsAlex);
  change(files);
  const join = () => joinLpips(files.heads, files.backbone);
  expect(join).toThrow(ModelError);
  expect(join).toThrow(message);
});

test('heads of another backbone are refused', () => {
  const { heads } = published(lpipsVgg);
  const { backbone } = published(lpipsAlex);
  const join = () => joinLpips(heads, backbone);
  expect(join).toThrow('lin1.model.1.weight has the wrong shape for lpips-alex');
  expect(() => joinLpips(published(lpipsAlex).heads, published(lpipsSqueeze).backbone)).toThrow(
    'lacks lin5.model.1.weight, lin6.model.1.weight of lpips-squeeze',
  );
});

test('another classifier is refused with what was expected', () => {
  const { heads } = published(lpipsAlex);
  const residual = new Map([['layer1.0.conv1.weight', tensor([64, 64, 1, 1])]]);
  try {
    joinLpips(heads, residual);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ModelError);
    expect((error as ModelError).message).toMatch(/^the backbone: is none/);
    expect((error as ModelError).details.expected).toContain('squeezenet1_1');
    expect((error as ModelError).details.received).toBe('layer1.0.conv1.weight');
  }
});
