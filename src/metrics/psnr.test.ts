import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeSafetensors } from '../tensor/safetensors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { luma } from './planes.js';
import { psnr } from './psnr.js';
import { ssim } from './ssim.js';

const conformance = new URL('../../conformance/', import.meta.url);
const { tensors } = decodeSafetensors(readFileSync(new URL('psnr-ssim.safetensors', conformance)));
const { values } = JSON.parse(readFileSync(new URL('psnr-ssim.json', conformance), 'utf8')) as {
  values: Record<string, number>;
};

function image(name: string): Tensor {
  const { shape, data } = tensors.get(name)!;
  return tensor(
    shape,
    Float32Array.from(data as Uint8Array, (value) => value / 255),
  );
}

function filled(height: number, width: number, value: (index: number) => number): Tensor {
  return tensor(
    [3, height, width],
    Float32Array.from({ length: 3 * height * width }, (_, index) => value(index)),
  );
}

test.each(Object.entries(values))('%s equals the reference', (name, expected) => {
  const [metric, border, colour] = name.split(' ');
  const settings = {
    border: Number(border!.split('=')[1]),
    colourSpace: colour === 'y=True' ? 'luma' : 'rgb',
  } as const;
  const score = (metric === 'psnr' ? psnr : ssim).open(settings).measure(image('b'), image('a'));
  expect(Math.abs(score / expected - 1)).toBeLessThan(1e-7);
});

test('luma runs from 16 for black to 235 for white, with the weights of BT.601', () => {
  const primaries = tensor([3, 1, 4], [0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1]);
  expect([...luma(primaries)]).toEqual([16, 81.481, 144.553, expect.closeTo(235, 9)]);
});

test('an even error of d grey levels gives 20 log10(255 / d) dB', () => {
  const zeros = filled(4, 4, () => 0);
  expect(
    psnr.open().measure(
      filled(4, 4, () => 1 / 255),
      zeros,
    ),
  ).toBeCloseTo(20 * Math.log10(255), 4);
  expect(
    psnr.open().measure(
      filled(4, 4, () => 1),
      zeros,
    ),
  ).toBeCloseTo(0, 9);
});

test('equal images give infinity and 1', () => {
  const a = image('a');
  expect(psnr.open().measure(a, a)).toBe(Infinity);
  expect(ssim.open().measure(a, a)).toBeCloseTo(1, 12);
});

test('an error inside the border does not count', () => {
  const a = image('a');
  const spoilt = tensor(a.shape, a.data.slice());
  spoilt.data[5] = 1 - spoilt.data[5]!;
  expect(psnr.open({ border: 1 }).measure(spoilt, a)).toBe(Infinity);
  expect(psnr.open().measure(spoilt, a)).toBeLessThan(100);
  expect(ssim.open({ border: 1 }).measure(spoilt, a)).toBeCloseTo(1, 12);
});

test('SSIM of one window follows the definition', () => {
  const a = filled(11, 11, (index) => ((index * 7) % 13) / 13);
  const b = filled(11, 11, (index) => ((index * 5) % 11) / 11);
  let sum = 0;
  for (let channel = 0; channel < 3; channel++) {
    const moments = { w: 0, x: 0, y: 0, xx: 0, yy: 0, xy: 0 };
    for (let row = 0; row < 11; row++)
      for (let column = 0; column < 11; column++) {
        const index = channel * 121 + row * 11 + column;
        const w = Math.exp(-((row - 5) ** 2 + (column - 5) ** 2) / (2 * 1.5 ** 2));
        const x = a.data[index]! * 255;
        const y = b.data[index]! * 255;
        moments.w += w;
        moments.x += w * x;
        moments.y += w * y;
        moments.xx += w * x * x;
        moments.yy += w * y * y;
        moments.xy += w * x * y;
      }
    const mx = moments.x / moments.w;
    const my = moments.y / moments.w;
    const vx = moments.xx / moments.w - mx * mx;
    const vy = moments.yy / moments.w - my * my;
    const cov = moments.xy / moments.w - mx * my;
    sum +=
      ((2 * mx * my + 6.5025) * (2 * cov + 58.5225)) /
      ((mx * mx + my * my + 6.5025) * (vx + vy + 58.5225));
  }
  expect(ssim.open().measure(b, a)).toBeCloseTo(sum / 3, 10);
});

test('both state how they are to be read', () => {
  expect(psnr.open({ colourSpace: 'luma', border: 4 })).toMatchObject({
    name: 'psnr',
    direction: 'higher',
    colourSpace: 'luma',
    border: 4,
    unit: 'dB',
  });
  expect(ssim.open()).toMatchObject({
    name: 'ssim',
    range: [-1, 1],
    colourSpace: 'rgb',
    border: 0,
  });
});

test('what cannot be compared is refused', () => {
  const small = filled(10, 20, () => 0.5);
  for (const metric of [psnr.open(), ssim.open()]) {
    expect(() => metric.measure(small, image('a'))).toThrow(ParameterError);
    expect(() => metric.measure(tensor([1, 20, 20]), tensor([1, 20, 20]))).toThrow(
      withSubject('reference'),
    );
    const nan = filled(20, 20, (index) => (index === 700 ? Number.NaN : 0.5));
    expect(() =>
      metric.measure(
        nan,
        filled(20, 20, () => 0.5),
      ),
    ).toThrow(/finite/);
    const infinite = filled(20, 20, (index) => (index === 700 ? Infinity : 0.5));
    expect(() =>
      metric.measure(
        infinite,
        filled(20, 20, () => 0.5),
      ),
    ).toThrow(/finite/);
  }
  expect(() => ssim.open().measure(small, small)).toThrow(/at least 11 x 11/);
  expect(() => psnr.open({ border: 5 }).measure(small, small)).toThrow(/inside the `border` of 5/);
  expect(() => psnr.open({ border: 0.5 })).toThrow(withSubject('border'));
});

test('one megapixel takes about a second of one core at most, on a slow machine two', () => {
  const a = filled(1024, 1024, (index) => (index % 251) / 251);
  const b = filled(1024, 1024, (index) => (index % 241) / 241);
  const start = process.cpuUsage();
  psnr.open().measure(b, a);
  ssim.open().measure(b, a);
  const { user, system } = process.cpuUsage(start);
  expect((user + system) / 1e6).toBeLessThan(2);
});
