import { expect, test } from 'vitest';
import { testRunner } from '../engine/testing/runners.js';
import { float16ToFloat32 } from '../tensor/half.js';
import { tensor } from '../tensor/tensor.js';
import { ModelError } from '../utils/errors.js';
import { decodeOnnx } from '../weights/onnx/decode-onnx.js';
import { defineOnnxModule, type OnnxContract } from '../weights/onnx/onnx-module.js';
import { type Axis, model, node, value } from '../weights/onnx/testing/models.js';
import { joinPack } from './pack.js';
import { restoreImage } from './restore.js';
import { modelFeeds, modelImage } from './run-onnx.js';
import { largestDifference, waves } from './testing/images.js';
import {
  denoiserContract,
  exportedDenoiser,
  exportedRestorer,
  restorerContract,
} from './testing/onnx-modules.js';
import { compactModules, compactPack, madeUpManifest, madeUpModule } from './testing/packs.js';
import { countingRunner } from './testing/runners.js';

/** A module whose graph is never run. */
function module(contract: OnnxContract, image: readonly Axis[], second?: readonly Axis[]) {
  const type = contract.elementType === 'float16' ? 10 : 1;
  const inputs = [value('x', image, type)];
  if (second !== undefined) inputs.unshift(value('level', second, type));
  const bytes = model({
    node: [node('Relu', ['x'], ['y'])],
    input: inputs,
    output: [value('y', image, type)],
    initializer: [],
  });
  return defineOnnxModule(decodeOnnx(bytes), contract);
}

/** Red, green and blue of 1 x 2 pixels. */
const image = tensor([1, 3, 1, 2], [0, 0.5, 0.25, 1, 0.75, 0.125]);
const nchw = [1, 3, 'h', 'w'];
const nhwc = [1, 'h', 'w', 3];

test.each<[string, Partial<OnnxContract>, readonly Axis[], number[], number[]]>([
  ['plain', {}, nchw, [1, 3, 1, 2], [0, 0.5, 0.25, 1, 0.75, 0.125]],
  ['0 to 255', { range: [0, 255] }, nchw, [1, 3, 1, 2], [0, 127.5, 63.75, 255, 191.25, 31.875]],
  ['-1 to 1', { range: [-1, 1] }, nchw, [1, 3, 1, 2], [-1, 0, -0.5, 1, 0.5, -0.75]],
  ['BGR', { order: 'bgr' }, nchw, [1, 3, 1, 2], [0.75, 0.125, 0.25, 1, 0, 0.5]],
  ['NHWC', { layout: 'nhwc' }, nhwc, [1, 1, 2, 3], [0, 0.25, 0.75, 0.5, 1, 0.125]],
  [
    'BGR in NHWC',
    { layout: 'nhwc', order: 'bgr' },
    nhwc,
    [1, 1, 2, 3],
    [0.75, 0.25, 0, 0.125, 1, 0.5],
  ],
])('%s: there and back', (_, changes, axes, shape, values) => {
  const own = module(restorerContract(changes), axes);
  const feed = modelFeeds(own, image).x!;
  expect(feed.shape).toEqual(shape);
  expect([...(feed.data as Float32Array)]).toEqual(values);
  expect(modelImage(own, feed, image)).toEqual(image);
});

test('half precision goes as bits', () => {
  const own = module(restorerContract({ elementType: 'float16' }), nchw);
  const feed = modelFeeds(own, image).x!;
  expect(feed.dataType).toBe('float16');
  expect(float16ToFloat32(feed.data as Uint16Array)).toEqual(image.data);
  expect(modelImage(own, feed, image)).toEqual(image);
});

test('a size that does not fit is mirrored down and to the right, and cropped back', () => {
  const own = module(restorerContract({ size: { multiple: 4, minimum: 1 } }), nchw);
  const feed = modelFeeds(own, image).x!;
  expect(feed.shape).toEqual([1, 3, 4, 4]);
  expect([...(feed.data as Float32Array).subarray(0, 4)]).toEqual([0, 0.5, 0, 0.5]);
  expect([...(feed.data as Float32Array).subarray(12, 16)]).toEqual([0, 0.5, 0, 0.5]);
  expect(modelImage(own, feed, image)).toEqual(image);
});

test('the noise level enters as a channel, a number or a map, in its unit', () => {
  const channel = denoiserContract({ noise: { kind: 'channel', times: 1 } });
  const four = modelFeeds(module(channel, [1, 4, 'h', 'w']), image, 0.25).x!;
  expect(four.shape).toEqual([1, 4, 1, 2]);
  expect([...(four.data as Float32Array).subarray(6)]).toEqual([0.25, 0.25]);

  const number = denoiserContract({ noise: { kind: 'scalar', times: 255 } });
  for (const axes of [[], [1], ['N'], [1, 1, 1, 1]]) {
    const feeds = modelFeeds(module(number, nchw, axes), image, 0.1);
    expect(feeds.level!.shape).toEqual(axes.map(() => 1));
    expect(feeds.level!.data[0]).toBeCloseTo(25.5, 5);
    expect(feeds.x!.shape).toEqual([1, 3, 1, 2]);
  }

  const map = denoiserContract({ noise: { kind: 'map', times: 2 }, layout: 'nhwc' });
  const feeds = modelFeeds(module(map, nhwc, [1, 'h', 'w', 1]), image, 0.5);
  expect(feeds.level).toEqual(tensor([1, 1, 2, 1], [1, 1]));
});

test('noise that a network finds is taken off, in units of its range', () => {
  const own = module(
    denoiserContract({ noise: { kind: 'none' }, output: 'noise', range: [-1, 1] }),
    nchw,
  );
  const noise = tensor([1, 3, 1, 2], [0.5, 0, 0, 0, 0, -0.25]);
  const { data } = modelImage(own, noise, image);
  expect([...data]).toEqual([-0.25, 0.5, 0.25, 1, 0.75, 0.25]);
});

test('an output of another shape is refused, as is an image beyond the only size', () => {
  const own = module(restorerContract({ scale: 2 }), nchw);
  expect(() => modelImage(own, image, image)).toThrow(ModelError);
  expect(() => modelImage(own, image, image)).toThrow('its contract does not describe');
  const fixed = restorerContract({ size: { multiple: 1, minimum: 1, fixed: [1, 1] } });
  expect(() => modelFeeds(module(fixed, [1, 3, 1, 1]), image)).toThrow('one size only');
});

test.each<[string, OnnxContract, readonly Axis[], readonly Axis[] | undefined, string]>([
  [
    'channels of the other layout',
    restorerContract({ layout: 'nhwc' }),
    [1, 3, 8, 8],
    undefined,
    'channels (nhwc)',
  ],
  ['four channels', restorerContract(), [1, 4, 'h', 'w'], undefined, 'channels'],
  [
    'no fourth channel',
    denoiserContract({ noise: { kind: 'channel', times: 1 } }),
    nchw,
    undefined,
    'channels',
  ],
  ['batches', restorerContract(), [8, 3, 'h', 'w'], undefined, 'images at once'],
  ['no second input', denoiserContract(), nchw, undefined, 'noise input'],
  ['a second input', restorerContract(), nchw, [1], 'noise input'],
  [
    'a map as number',
    denoiserContract({ noise: { kind: 'map', times: 1 } }),
    nchw,
    [1],
    'noise input',
  ],
  ['a size that is not stated', restorerContract(), [1, 3, 64, 64], undefined, 'height'],
  ['a scale for a denoiser', denoiserContract({ scale: 2 }), nchw, [1], 'contract.scale'],
  [
    'a noise level for a restorer',
    { ...denoiserContract(), role: 'restorer' },
    nchw,
    [1],
    'contract.noise',
  ],
])(
  'a contract that the file contradicts is refused by name: %s',
  (_, contract, axes, second, message) => {
    const define = () => module(contract, axes, second);
    expect(define).toThrow(ModelError);
    expect(define).toThrow(message);
  },
);

test('an element type that is not that of the file is refused', () => {
  const { file } = module(restorerContract(), nchw);
  const contract = restorerContract({ elementType: 'float16' });
  expect(() => defineOnnxModule(file, contract)).toThrow('element type of x');
});

const runner = await testRunner();

const { restorer, denoiser, fusion } = compactModules;
const deblurring = {
  restorer: madeUpModule('drunet', { in_nc: 3, nc: [4, 6], nb: 1 }),
  denoiser: madeUpModule('drunet', { nc: [4, 6, 8], nb: 1 }),
  fusion,
};
const manifest = madeUpManifest({ task: 'deblur', scale: 1 });
const ofNetworks = joinPack(manifest, deblurring, 'own');
const anySize = {
  restorer: exportedRestorer(deblurring.restorer),
  denoiser: exportedDenoiser(deblurring.denoiser),
  fusion,
};
const settings = { tau: 6, steps: 3, seed: 5 };

test.each([
  ['both ONNX', anySize],
  ['an ONNX restorer', { ...anySize, denoiser: deblurring.denoiser }],
  ['an ONNX denoiser', { ...anySize, restorer: deblurring.restorer }],
])('%s: the image of the pack of networks, whole and in tiles', async (_, modules) => {
  const pack = joinPack(manifest, modules, 'open');
  for (const tile of [1024, 128]) {
    const image = waves(131, 94);
    const open = await restoreImage(image, pack, runner, { ...settings, tile });
    const own = await restoreImage(image, ofNetworks, runner, { ...settings, tile });
    expect(largestDifference(open.image, own.image)).toBeLessThan(1e-5);
    expect(largestDifference(open.restored, own.restored)).toBeLessThan(1e-5);
    expect(open.tiles).toBe(own.tiles);
    expect([open.roughMacs, own.roughMacs]).toEqual([true, false]);
  }
});

test('networks of one size: images are mirrored up to it, or cut into tiles of that size', async () => {
  const modules = {
    restorer: exportedRestorer(restorer, [24, 20]),
    denoiser: exportedDenoiser(denoiser, [160, 176]),
    fusion,
  };
  const pack = joinPack(madeUpManifest(), modules, 'open');
  const small = waves(24, 20);
  const counted = countingRunner(runner);
  const exact = await restoreImage(small, pack, counted, settings);
  const own = await restoreImage(small, compactPack(), runner, settings);
  expect(exact.restored).toEqual(own.restored);
  expect(exact.tiles).toBe(1);

  const large = waves(70, 61);
  const tiled = await restoreImage(large, pack, counted, settings);
  const whole = await restoreImage(large, compactPack(), runner, settings);
  expect(tiled.tiles).toBeGreaterThan(1);
  expect(largestDifference(tiled.restored, whole.restored)).toBeLessThan(1e-5);
  expect(largestDifference(tiled.image, whole.image)).toBeLessThan(1e-5);
});

test('features that only depend on x_IR are kept beside an ONNX denoiser too', async () => {
  const pack = joinPack(manifest, anySize, 'open');
  const counted = countingRunner(runner);
  const { nfe } = await restoreImage(waves(10, 10), pack, counted, settings);
  expect(nfe).toBe(4);
  expect(Object.fromEntries(counted.runs)).toEqual({ onnx: 4, precompute: 1, fuse: 3 });
});

test.each([
  ['a denoiser as restorer', { ...anySize, restorer: anySize.denoiser }, 'cannot be its restorer'],
  ['a restorer as denoiser', { ...anySize, denoiser: anySize.restorer }, 'cannot be its denoiser'],
])('%s is refused when the pack is joined', (_, modules, message) => {
  const join = () => joinPack(manifest, modules, 'open');
  expect(join).toThrow(ModelError);
  expect(join).toThrow(message);
});
