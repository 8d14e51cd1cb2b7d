import sharp from 'sharp';
import { expect, test } from 'vitest';
import { uniformAt } from '../tensor/random.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { cropped } from '../tensor/window.js';
import { ParameterError } from '../utils/errors.js';
import { withSubject } from '../utils/testing/errors.js';
import { createDegradation } from './create-degradation.js';
import { quantisationTables, throughJpeg } from './jpeg.js';

/** Slopes, coloured edges and a little grain. */
function testImage(height: number, width: number): Tensor {
  const data = Float32Array.from({ length: 3 * height * width }, (_, at) => {
    const x = at % width;
    const y = Math.floor(at / width) % height;
    const channel = Math.floor(at / (height * width));
    const edge = (Math.floor(x / 11) + Math.floor(y / 7) + channel) % 3 === 0 ? 70 : 0;
    const grain = 20 * uniformAt(3, 0, at);
    return (
      Math.floor(60 + 60 * (x / width) + (channel - 1) * 40 * (y / height) + edge + grain) / 255
    );
  });
  return tensor([3, height, width], data);
}

async function bySharp(image: Tensor, quality: number, chromaSubsampling: string): Promise<Tensor> {
  const [, height = 0, width = 0] = image.shape;
  const area = height * width;
  const bytes = Uint8Array.from({ length: 3 * area }, (_, at) =>
    Math.round(255 * image.data[(at % 3) * area + Math.floor(at / 3)]!),
  );
  const raw = { width, height, channels: 3 } as const;
  const file = await sharp(bytes, { raw }).jpeg({ quality, chromaSubsampling }).toBuffer();
  const decoded = await sharp(file).raw().toBuffer();
  const data = Float32Array.from(
    { length: 3 * area },
    (_, at) => decoded[(at % area) * 3 + Math.floor(at / area)]! / 255,
  );
  return tensor([3, height, width], data);
}

const cases = [10, 30, 50, 75, 90, 100].flatMap((quality) =>
  (['4:2:0', '4:4:4'] as const).flatMap((chroma) =>
    [
      [48, 64],
      [41, 53],
      [17, 4],
      [1, 1],
    ].map(([height, width]) => ({ quality, chroma, height: height!, width: width! })),
  ),
);

test.each(cases)(
  '$chroma at quality $quality of $height x $width is what libjpeg makes',
  async ({ quality, chroma, height, width }) => {
    const image = testImage(height, width);
    const expected = await bySharp(image, quality, chroma);
    const result = throughJpeg(image, quality, chroma);
    const differences = result.data.map((value, at) => 255 * Math.abs(value - expected.data[at]!));
    const mean = differences.reduce((sum, value) => sum + value, 0) / differences.length;
    // In grey levels. Integer transforms round a coefficient differently here and there, which
    // shows where there are few blocks.
    expect(mean).toBeLessThan(height * width < 100 ? 0.4 : 0.25);
    const far = differences.filter((value) => value > 4).length / differences.length;
    expect(far).toBeLessThan(0.01);
  },
);

test('a grey image stays grey, and flat blocks stay flat', () => {
  for (const quality of [5, 50, 95]) {
    const flat = tensor([3, 20, 20], new Float32Array(1200).fill(100 / 255));
    const { data } = throughJpeg(flat, quality);
    expect(data.every((value) => value === data[0])).toBe(true);
    const step = quantisationTables(quality).luminance[0]!;
    expect(Math.abs(255 * data[0]! - 100)).toBeLessThanOrEqual(step / 16 + 0.5);
  }
});

test('tables follow the quality: those of the standard at 50, ones at 100', () => {
  expect(quantisationTables(50).luminance.slice(0, 4)).toEqual([16, 11, 10, 16]);
  expect(quantisationTables(50).chrominance.slice(0, 4)).toEqual([17, 18, 24, 47]);
  expect(quantisationTables(100).luminance.every((step) => step === 1)).toBe(true);
  expect(Math.max(...quantisationTables(1).luminance)).toBe(255);
});

test.each(['4:2:0', '4:4:4'] as const)(
  'an aligned crop with its margin is coded as the whole, %s',
  (chroma) => {
    const { apply, margin } = createDegradation({ kind: 'jpeg', quality: 40, chroma });
    const image = testImage(96, 112);
    const whole = apply(image, { seed: 0, index: 0 });
    const [top, left, side] = [32, 48, 32];
    const square = { width: side, height: side };
    const outer = { width: side + 2 * margin, height: side + 2 * margin };
    const part = cropped(image, { left: left - margin, top: top - margin, ...outer });
    const coded = apply(part, { seed: 0, index: 0 });
    expect(cropped(coded, { left: margin, top: margin, ...square })).toEqual(
      cropped(whole, { left, top, ...square }),
    );
  },
);

test('qualities are drawn from the whole range, both ends included', () => {
  const image = testImage(16, 16);
  const ranged = createDegradation({ kind: 'jpeg', quality: { minimum: 20, maximum: 22 } });
  const seen = new Set<number>();
  for (let index = 0; index < 40; index++) {
    const { data } = ranged.apply(image, { seed: 1, index });
    for (const quality of [19, 20, 21, 22, 23]) {
      const fixed = throughJpeg(image, quality).data;
      if (fixed.every((value, at) => value === data[at])) seen.add(quality);
    }
  }
  expect([...seen].sort()).toEqual([20, 21, 22]);
});

test('other qualities and shapes are refused', () => {
  expect(() => throughJpeg(testImage(8, 8), 0)).toThrow(ParameterError);
  expect(() => throughJpeg(testImage(8, 8), 50.5)).toThrow(withSubject('quality'));
  expect(() => throughJpeg(tensor([1, 8, 8]), 50)).toThrow(withSubject('image'));
});
