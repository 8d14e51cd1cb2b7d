import { expect, test } from 'vitest';
import { input, reshape } from '../../graph/index.js';
import { checkGradients } from '../../graph/testing/check-gradients.js';
import { evaluate, evaluateOn } from '../../graph/testing/evaluate.js';
import { sample } from '../../graph/testing/tensors.js';
import { ParameterError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { blockSpectrum, laplacian } from './error-filters.js';

test('the Laplacian of a plane is 0, of a paraboloid 2 in each direction', async () => {
  const of = async (height: (y: number, x: number) => number) => {
    const data = Array.from({ length: 35 }, (_, at) => height(Math.floor(at / 7), at % 7));
    return evaluateOn((x) => laplacian(x!), [tensor([1, 1, 5, 7], data)]);
  };
  const plane = await of((y, x) => 3 * y - 2 * x + 1);
  expect(plane.shape).toEqual([1, 1, 3, 5]);
  expect(plane.data.every((value) => value === 0)).toBe(true);
  const bowl = await of((y, x) => y * y + 3 * x * x);
  expect(bowl.data.every((value) => value === 8)).toBe(true);
});

test('block spectra are the discrete Fourier transforms of the 8x8 blocks', async () => {
  const [height, width] = [18, 9];
  const picture = sample([1, 2, height, width], 3);
  const { real, imaginary } = await evaluate(blockSpectrum(input('x', picture.shape)), {
    x: picture,
  });
  expect(real!.shape).toEqual([1, 4, 8, 8]);
  for (const [channel, row, u, v] of [
    [0, 0, 0, 0],
    [0, 1, 3, 5],
    [1, 0, 7, 1],
    [1, 1, 4, 0],
  ] as const) {
    let [re, im] = [0, 0];
    for (let y = 0; y < 8; y += 1)
      for (let x = 0; x < 8; x += 1) {
        const value = picture.data[(channel * height + row * 8 + y) * width + x]!;
        const angle = (-2 * Math.PI * (u * y + v * x)) / 8;
        re += (value * Math.cos(angle)) / 8;
        im += (value * Math.sin(angle)) / 8;
      }
    const at = ((channel * 2 + row) * 8 + u) * 8 + v;
    expect(real!.data[at]).toBeCloseTo(re, 5);
    expect(imaginary!.data[at]).toBeCloseTo(im, 5);
  }
});

test('a pure wave stands at its own frequency, and the energy is kept', async () => {
  const data = Array.from({ length: 64 }, (_, at) => Math.cos((2 * Math.PI * 2 * (at % 8)) / 8));
  const { real, imaginary } = await evaluate(blockSpectrum(input('x', [1, 1, 8, 8])), {
    x: tensor([1, 1, 8, 8], data),
  });
  const energy = [...real!.data].map((value, at) => value ** 2 + imaginary!.data[at]! ** 2);
  expect(energy.reduce((sum, value) => sum + value)).toBeCloseTo(32, 4);
  expect(energy[2]! + energy[6]!).toBeCloseTo(32, 4);
});

test('both filters have their gradients', async () => {
  const picture = sample([1, 1, 9, 8], 5);
  await checkGradients((x) => laplacian(x!), [picture]);
  await checkGradients((x) => reshape(blockSpectrum(x!).imaginary, [64]), [picture]);
});

test('pictures smaller than a block are refused', () => {
  expect(() => blockSpectrum(input('x', [1, 3, 7, 9]))).toThrow(ParameterError);
});
