import sharp from 'sharp';
import { expect, test } from 'vitest';
import { linearToSrgb, srgbToLinear } from '../../degradation/camera/transfer-curves.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { encodeImage } from '../encode.js';
import { displayP3, makeProfile, primaries, profileOf, toXyzD50 } from './rgb-profile.js';
import { workingColour } from './working-colour.js';

/** Every grey level of 16 bits, in another order in each channel. */
function everyLevel(): Tensor {
  const data = new Float32Array(3 * 65536);
  for (let place = 0; place < data.length; place += 1)
    data[place] = ((place * (1 + Math.floor(place / 65536))) % 65536) / 65535;
  return tensor([3, 256, 256], data);
}

const dotGain = Array.from({ length: 256 }, (_, level) => (level / 255) ** 1.75);
const linear = Array.from({ length: 2 }, (_, level) => level);

test.each([
  ['a gamma of 2.2', makeProfile('a', 563 / 256, primaries.adobe)],
  ['a gamma of 1.8', makeProfile('a', 1.8008, primaries.romm)],
  ['linear light', makeProfile('a', linear, primaries.rec2020)],
  ['a table', makeProfile('a', dotGain, primaries.p3)],
  ['grey', makeProfile('a', 1.8, 'grey')],
  ['the curve of sRGB', displayP3()],
])('%s: every value of 16 bits comes back', (_, icc) => {
  const colour = workingColour(icc)!;
  const stored = everyLevel();
  const { data } = colour.fromWorking(colour.toWorking(stored));
  const level = (value: number): number => Math.round(value * 65535);
  const isBack = data.every((value, place) => level(value) === level(stored.data[place]!));
  expect(isBack).toBe(true);
});

test('networks see the curve of sRGB: equal light gives equal values', () => {
  const colour = workingColour(makeProfile('a', 1.8, primaries.romm))!;
  const light = 0.214;
  const { data } = colour.toWorking(tensor([3, 1, 1], [light ** (1 / 1.8), 0, 1]));
  expect(data[0]).toBeCloseTo(linearToSrgb(light), 3);
  expect([...data.subarray(1)]).toEqual([0, 1]);
  expect(srgbToLinear(linearToSrgb(light))).toBeCloseTo(light, 12);
});

test('profiles with the curve of sRGB change nothing, not even the tensor', () => {
  const stored = tensor([3, 1, 1], [0.1, 0.5, 0.9]);
  expect(workingColour(displayP3())!.toWorking(stored)).toBe(stored);
});

test('matrices are those that are published, and white is white', () => {
  const p3 = toXyzD50(primaries.p3);
  // As in Apple's Display P3.icc.
  expect(p3[0]).toEqual([
    expect.closeTo(0.5151, 3),
    expect.closeTo(0.292, 3),
    expect.closeTo(0.1571, 3),
  ]);
  for (const space of Object.values(primaries)) {
    const white = toXyzD50(space).map(([r, g, b]) => r + g + b);
    expect(white).toEqual([
      expect.closeTo(0.9642, 4),
      expect.closeTo(1, 4),
      expect.closeTo(0.8249, 4),
    ]);
  }
});

test('sRGB of a wide profile is what a colour engine makes of it', async () => {
  const icc = makeProfile('wide', 563 / 256, primaries.adobe);
  const image = tensor([3, 1, 4], [0.5, 0.3, 1, 0.2, 0.5, 0.8, 1, 0.3, 0.4, 0.2, 1, 0.1]);
  const file = await encodeImage({ tensor: image, bitDepth: 8, icc }, 'png');
  const expected = await sharp(file).toColourspace('srgb').raw().toBuffer();
  const colour = workingColour(icc)!;
  const { data } = colour.toSrgb(colour.toWorking(image));
  for (let pixel = 0; pixel < 4; pixel += 1)
    for (let channel = 0; channel < 3; channel += 1)
      expect(
        Math.abs(data[channel * 4 + pixel]! * 255 - expected[pixel * 3 + channel]!),
      ).toBeLessThan(2);
});

test.each([
  ['nothing', new Uint8Array(0)],
  ['a cut profile', displayP3().subarray(0, 300)],
  ['inks', profileOf('CMYK', [])],
  ['no curves', profileOf('RGB ', [])],
  ['tables', profileOf('RGB ', [['A2B0', new Uint8Array(40)]])],
  ['a flat curve', makeProfile('flat', [0, 0.5, 0.5, 1], primaries.srgb)],
  ['a falling curve', makeProfile('falling', [1, 0], 'grey')],
  ['no gamma', makeProfile('none', 0, 'grey')],
])('%s is no profile of curves', (_, icc) => {
  expect(workingColour(icc)).toBeUndefined();
});
