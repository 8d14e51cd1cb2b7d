import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { testRunner } from '../../engine/testing/runners.js';
import { clip, concat, div, mul, scalar, slice, sub } from '../../graph/index.js';
import { loadPack } from '../../models/packs.js';
import { ModelError } from '../../utils/errors.js';
import { exportModule } from '../../weights/export-onnx.js';
import type { Module } from '../../weights/module-file.js';
import { decodeOnnx, type OnnxFile } from '../../weights/onnx/decode-onnx.js';
import { defineOnnxModule, type OnnxStatement } from '../../weights/onnx/onnx-module.js';
import { model, node, value } from '../../weights/onnx/testing/models.js';
import {
  blueFirst,
  curved,
  denoised,
  enlarging,
  inHalf,
  picky,
  toy,
  unit,
} from '../testing/onnx-modules.js';
import { probeContract, requireContract } from './probe-contract.js';

const runner = await testRunner();

const full = (x: Parameters<typeof unit>[0]) =>
  clip(curved(x, 128, 60, 2), { minimum: 0, maximum: 255 });
const signed = (x: Parameters<typeof unit>[0]) =>
  clip(curved(x, 0, 0.3, 0.04), { minimum: -1, maximum: 1 });
const level255 = (level: Parameters<typeof unit>[0]) => div(level, scalar(255));

const restorers: [string, OnnxFile, object][] = [
  ['[0,1]', toy(unit), { range: [0, 1], scale: 1, output: 'image', layout: 'nchw' }],
  ['[0,255]', toy(full), { range: [0, 255] }],
  ['[-1,1]', toy(signed), { range: [-1, 1] }],
  ['blue first', toy(blueFirst), { range: [0, 1], order: 'bgr' }],
  [
    'channels last',
    toy(unit, { image: [1, 8, 8, 3], axes: [1, 'h', 'w', 3] }),
    { layout: 'nhwc', range: [0, 1] },
  ],
  [
    'one size',
    toy(unit, { image: [1, 3, 40, 56], axes: [1, 3, 40, 56] }),
    { size: { multiple: 1, minimum: 1, fixed: [40, 56] } },
  ],
  ['twice as large', enlarging(2), { scale: 2, range: [0, 1] }],
  ['four times as large', enlarging(4), { scale: 4, range: [0, 1] }],
  ['sizes of a multiple', picky(), { size: { multiple: 4, minimum: 4 } }],
];

describe('what is found out about restorers', () => {
  test.each(restorers)('%s', async (_, file, expected) => {
    const report = await probeContract(file, runner, 'restorer');
    expect(report.undecided).toEqual([]);
    expect(report.contract).toMatchObject({
      role: 'restorer',
      noise: { kind: 'none' },
      ...expected,
    });
    expect(() => defineOnnxModule(file, report.contract)).not.toThrow();
    for (const { evidence } of report.findings) expect(evidence).not.toBe('');
  });
});

const denoisers: [string, OnnxFile, object][] = [
  [
    'a number',
    toy((x, level) => denoised(x, level), { level: [1, 1, 1, 1] }),
    { noise: { kind: 'scalar', times: 1 }, output: 'image' },
  ],
  [
    'a number of 255',
    toy((x, level) => denoised(x, level255(level)), { level: [1] }),
    { noise: { kind: 'scalar', times: 255 } },
  ],
  [
    'a map',
    toy((x, level) => denoised(x, slice(concat([x, level], 1), 1, 3, 4)), {
      level: [1, 1, 8, 8],
      levelAxes: [1, 1, 'h', 'w'],
    }),
    { noise: { kind: 'map', times: 1 } },
  ],
  [
    'a fourth channel',
    toy((x) => denoised(slice(x, 1, 0, 3), slice(x, 1, 3, 4)), { image: [1, 4, 8, 8] }),
    { noise: { kind: 'channel', times: 1 } },
  ],
  [
    'a fourth channel of 255, the noise as its output',
    toy(
      (x) => {
        const image = slice(x, 1, 0, 3);
        return sub(image, denoised(image, level255(slice(x, 1, 3, 4))));
      },
      { image: [1, 4, 8, 8] },
    ),
    { noise: { kind: 'channel', times: 255 }, output: 'noise' },
  ],
];

describe('what is found out about denoisers', () => {
  test.each(denoisers)('the noise level as %s', async (_, file, expected) => {
    const report = await probeContract(file, runner, 'denoiser', { range: [0, 1] });
    expect(report.undecided).toEqual([]);
    expect(report.contract).toMatchObject({ role: 'denoiser', scale: 1, ...expected });
  });
});

test('the order of channels makes no difference to a network that treats all alike', async () => {
  const { findings } = await probeContract(toy(unit), runner, 'restorer');
  const order = findings.find(({ field }) => field === 'order');
  expect(order).toMatchObject({ how: 'indifferent', value: 'rgb' });
  expect(order!.evidence).toContain('other values give the same image');
});

test('an output of nearly nothing is noise, of a range that must be stated', async () => {
  const file = toy((x) => sub(curved(x, 0.5, 0.2, 0.02), x));
  const { undecided } = await probeContract(file, runner, 'restorer');
  expect(undecided.map(({ field }) => field)).toEqual(['range']);
  const stated = await probeContract(file, runner, 'restorer', { range: [0, 1] });
  expect(stated.contract).toMatchObject({ range: [0, 1], output: 'noise' });
});

test('a noise level that may be a number or a map must be stated', async () => {
  const axes = { level: [1, 1, 8, 8], levelAxes: [1, 1, 'h', 'w'] } as const;
  const file = toy((x, level) => denoised(unit(x), level), axes);
  const { undecided } = await probeContract(file, runner, 'denoiser');
  expect(undecided).toEqual([
    { field: 'noise', candidates: ['map', 'scalar'], evidence: 'the file runs with each' },
  ]);
  const noise = { kind: 'map', times: 1 } as const;
  const stated = await probeContract(file, runner, 'denoiser', { noise });
  expect(stated.contract).toMatchObject({ noise, range: [0, 1] });
});

test('half precision is found in the graph', async () => {
  const relu = model({
    node: [node('Relu', ['x'], ['y'])],
    initializer: [],
    input: [value('x', ['N', 3, 'h', 'w'])],
  });
  const report = await probeContract(inHalf(relu), runner, 'restorer', { range: [0, 1] });
  expect(report.contract).toMatchObject({ elementType: 'float16', range: [0, 1] });
});

test('what is slightly different under each assumption must be stated', async () => {
  const file = toy((x) => curved(x, 0.5, 0.2, 0.02));
  const report = await probeContract(file, runner, 'restorer');
  expect(report.contract).toBeUndefined();
  expect(report.undecided.map(({ field }) => field)).toEqual(['range']);
  expect(() => requireContract(report, file.name)).toThrow(
    /^toy\.onnx: its contract must be stated: range \(\[0,1\] or \[0,255\]/,
  );
  const stated = await probeContract(file, runner, 'restorer', { range: [0, 1] });
  expect(requireContract(stated, file.name).range).toEqual([0, 1]);
});

test('nothing is concluded of a network that never gives the image, but a statement stands', async () => {
  const file = toy((x) => mul(x, scalar(-3)));
  const report = await probeContract(file, runner, 'restorer');
  expect(report.undecided.map(({ field }) => field)).toEqual(['range', 'output', 'order']);
  expect(report.undecided[0]!.evidence).toContain('under no assumption');
  const all = { range: [0, 1], output: 'image', order: 'rgb' } as const;
  const stated = await probeContract(file, runner, 'restorer', { ...all, range: [0, 1] });
  expect(stated.contract).toMatchObject(all);
});

const contradicted: [string, OnnxFile, OnnxStatement, string][] = [
  [
    'range',
    toy(unit),
    { range: [0, 255] },
    'toy.onnx: range stated [0,255], but the output equals the input within',
  ],
  ['range', toy(unit), { range: [0, 255] }, 'only for [0,1]'],
  ['order', toy(blueFirst), { order: 'rgb' }, 'order stated rgb, but the output equals'],
  ['output', toy(unit), { output: 'noise' }, 'output stated noise, but'],
  ['layout', toy(unit), { layout: 'nhwc' }, 'layout stated nhwc, but its input image is'],
  ['element type', toy(unit), { elementType: 'float16' }, 'elementType stated float16, but'],
  ['scale', enlarging(2), { scale: 4 }, 'scale stated 4, but the output is 2 times as large'],
  ['noise', toy(unit), { noise: { kind: 'map', times: 1 } }, 'noise stated map, but the graph'],
  ['role', toy(unit), { role: 'denoiser' }, 'role stated denoiser, but'],
  [
    'size',
    picky(),
    { size: { multiple: 2, minimum: 8 } },
    'size stated {"multiple":2,"minimum":8}, but 10 x 10 pixels fail',
  ],
];

test.each(contradicted)(
  'a wrong %s is named with what contradicts it',
  async (_, file, stated, message) => {
    const probing = probeContract(file, runner, 'restorer', stated);
    await expect(probing).rejects.toThrow(ModelError);
    await expect(probing).rejects.toThrow(message);
  },
);

test('a wrong unit of the noise level is named', async () => {
  const file = toy((x, level) => denoised(unit(x), level), { level: [1] });
  const stated = { noise: { kind: 'scalar', times: 255 }, range: [0, 1] } as const;
  await expect(
    probeContract(file, runner, 'denoiser', { noise: stated.noise, range: [0, 1] }),
  ).rejects.toThrow('noise stated {"kind":"scalar","times":255}, but the output equals');
});

test.each<[string, OnnxFile, 'restorer' | 'denoiser', string]>([
  [
    'a denoiser as restorer',
    toy((x, level) => denoised(x, level), { level: [1] }),
    'restorer',
    'no restorer',
  ],
  [
    'an enlarging denoiser',
    enlarging(2),
    'denoiser',
    'role stated denoiser, but the output is 2 times',
  ],
  ['grey images', toy(unit, { image: [1, 1, 8, 8] }), 'restorer', 'three channels'],
  ['batches', toy(unit, { axes: [4, 3, 'h', 'w'] }), 'restorer', '4 images at once'],
])('%s is refused', async (_, file, role, message) => {
  const probing = probeContract(file, runner, role);
  await expect(probing).rejects.toThrow(ModelError);
  await expect(probing).rejects.toThrow(message);
});

test('the restorer that ships, exported, tells its contract', async () => {
  const { restorer } = await loadPack('sr4');
  const { bytes } = exportModule(restorer as Module, { height: 32, width: 32 });
  const { contract, findings } = await probeContract(decodeOnnx(bytes), runner, 'restorer');
  expect(contract).toMatchObject({ scale: 4, range: [0, 1], output: 'image', layout: 'nchw' });
  expect(findings.find(({ field }) => field === 'order')!.how).toBe('indifferent');
});

test('a file that PyTorch exported, a network of [0, 255] that takes off its mean', async () => {
  const path = new URL('../testing/exported-by-pytorch.onnx', import.meta.url);
  const file = decodeOnnx(await readFile(path), 'exported.onnx');
  expect(file).toMatchObject({ producer: 'pytorch', opset: 16 });
  const { contract } = await probeContract(file, runner, 'restorer');
  expect(contract).toMatchObject({ scale: 4, range: [0, 255], size: { multiple: 1, minimum: 1 } });
});

test('a file that reads well but that the engine refuses is named with what it says', async () => {
  const file = decodeOnnx(model({ node: [node('NoSuchThing', ['x'], ['y'])], initializer: [] }));
  const probing = probeContract(file, runner, 'restorer');
  await expect(probing).rejects.toThrow(ModelError);
  await expect(probing).rejects.toThrow('NoSuchThing');
});

test('sizes at which nothing finite comes out are no sizes of a network', async () => {
  const file = toy((x) => div(x, scalar(0)));
  await expect(probeContract(file, runner, 'restorer')).rejects.toThrow('that are not finite');
});
