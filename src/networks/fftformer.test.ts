import { expect, test } from 'vitest';
import { input, ParameterScope } from '../graph/index.js';
import { checkGradients } from '../graph/testing/check-gradients.js';
import { evaluate, evaluateOn } from '../graph/testing/evaluate.js';
import { at, expectClose, filled, sample } from '../graph/testing/tensors.js';
import { ParameterError } from '../utils/errors.js';
import {
  fftformer,
  filterSpectra,
  fourierMatrices,
  fromPatchSpectra,
  multiplySpectra,
  normalization,
  PATCH,
  patchSpectra,
} from './fftformer.js';
import { parseConfiguration } from './network.js';
import {
  agreesWithReference,
  madeUpOutput,
  mirroredToMultiple,
  parametersOf,
} from './testing/networks.js';

const small = { dim: 4, num_blocks: [1, 1, 1], num_refinement_blocks: 1 };

test.each(['fftformer', 'fftformer-biases', 'fftformer-bias-free', 'fftformer-grey'])(
  '%s has the parameters and the output of the reference',
  async (name) => {
    expect(await agreesWithReference(name)).toBe(true);
  },
);

test('has the published number of parameters', () => {
  expect(parametersOf(fftformer, {}).count).toBe(16_560_474);
});

test.each([
  [1, 1],
  [7, 40],
  [33, 20],
])('an image of %i x %i is mirrored to multiples of 32 and cropped back', async (height, width) => {
  const image = sample([1, 3, height, width], 3, { low: 0 });
  const whole = await madeUpOutput(fftformer, small, [mirroredToMultiple(image, 32)]);
  const expected = filled(image.shape, (n, c, row, column) => at(whole, n!, c!, row!, column!));
  expectClose(await madeUpOutput(fftformer, small, [image]), expected, 1e-5);
});

test('images of a batch do not touch each other', async () => {
  const both = sample([2, 3, 32, 32], 5, { low: 0 });
  const together = await madeUpOutput(fftformer, small, [both]);
  for (const n of [0, 1]) {
    const image = filled([1, 3, 32, 32], (_, ...place) => at(both, n, ...place));
    expectClose(
      await madeUpOutput(fftformer, small, [image]),
      filled([1, 3, 32, 32], (_, ...place) => at(together, n, ...place)),
      1e-5,
    );
  }
});

test('a grey input is added to every colour', async () => {
  const json = { ...small, inp_channels: 1 };
  const image = sample([1, 1, 32, 32], 2, { low: 0 });
  expect((await madeUpOutput(fftformer, json, [image])).shape).toEqual([1, 3, 32, 32]);
});

test('convolutions of blocks have biases on demand, those of fusions always the same', () => {
  const plain = new Set(parametersOf(fftformer, small).names);
  const added = parametersOf(fftformer, { ...small, bias: true }).names.filter(
    (name) => !plain.has(name),
  );
  expect(added).toContain('encoder_level1.0.ffn.project_in.bias');
  expect(added).toContain('decoder_level3.0.attn.to_hidden_dw.bias');
  expect(added).toContain('reduce_chan_level2.bias');
  expect(added).toContain('output.bias');
  expect(added.filter((name) => /^(fuse|down|up|patch_embed)/.test(name))).toEqual([]);
  expect(plain).toContain('fuse1.conv2.bias');
});

test('normalisations without bias are those of the blocks, not of attention or fusion', () => {
  const { names } = parametersOf(fftformer, { ...small, LayerNorm_type: 'BiasFree' });
  const biased = names.filter((name) => name.endsWith('body.bias'));
  expect(biased.filter((name) => !/attn\.norm\.|^fuse/.test(name))).toEqual([]);
  expect(biased).toContain('refinement.0.attn.norm.body.bias');
  expect(biased).toContain('fuse2.att_channel.norm2.body.bias');
  expect(names).toContain('refinement.0.norm1.body.weight');
});

test('levels may be without blocks, and a fourth number of blocks is ignored', () => {
  const none = { ...small, num_blocks: [0, 1, 0, 9] };
  const { names } = parametersOf(fftformer, none);
  expect(names.some((name) => name.startsWith('decoder_level2.0.'))).toBe(true);
  expect(names.filter((name) => /_level[13]\.|_level2\.1/.test(name))).toEqual([]);
});

test.each([
  [{ ...small, inp_channels: 2 }, 'inp_channels: expected 1 or out_channels 3'],
  [{ ...small, dim: 0 }, 'dim'],
  [{ ...small, num_blocks: [1, 1] }, 'num_blocks: expected 3 levels'],
  [{ ...small, num_blocks: [1, 1.5, 1] }, 'num_blocks.1'],
  [{ ...small, num_refinement_blocks: -1 }, 'num_refinement_blocks'],
  [{ ...small, ffn_expansion_factor: 0.2 }, 'ffn_expansion_factor: expected at least 0.25'],
  [{ ...small, LayerNorm_type: 'Bias' }, 'LayerNorm_type'],
  [{ ...small, features: 8 }, 'features'],
])('refuses the configuration %j by name', (json, text) => {
  expect(() => parseConfiguration(fftformer, json)).toThrow(ParameterError);
  expect(() => parseConfiguration(fftformer, json)).toThrow(text);
});

test('refuses other channels', () => {
  const config = parseConfiguration(fftformer, small);
  const build = () => fftformer.build(config, new ParameterScope(), [input('x', [1, 4, 32, 32])]);
  expect(build).toThrow('fftformer input: expected 3 channels, received 4');
});

test.each([true, false])('normalises over channels, centred: %s', async (centred) => {
  const x = sample([2, 5, 3, 4], 1);
  const weight = sample([5], 2);
  const bias = sample([5], 3);
  const expected = filled(x.shape, (n, c, row, column) => {
    const pixel = [0, 1, 2, 3, 4].map((channel) => at(x, n!, channel, row!, column!));
    const mean = pixel.reduce((sum, value) => sum + value, 0) / 5;
    const variance = pixel.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5;
    const deviation = Math.sqrt(variance + 1e-5);
    const scale = at(weight, c!) / deviation;
    return centred ? (pixel[c!]! - mean) * scale + at(bias, c!) : pixel[c!]! * scale;
  });
  const scope = new ParameterScope();
  const y = normalization(scope.child('norm'), input('x', x.shape), centred);
  const weights = new Map([
    ['norm.body.weight', weight],
    ['norm.body.bias', bias],
  ]);
  const names = centred ? ['norm.body.weight', 'norm.body.bias'] : ['norm.body.weight'];
  expect([...scope.declared().keys()]).toEqual(names);
  expectClose((await evaluate({ y }, { x }, weights)).y!, expected, 2e-6);
});

const shape = [2, 3, 16, 24] as const;

test('the first number of a spectrum is the sum of its patch, patches in raster order', async () => {
  const x = sample(shape, 1);
  const spectra = await evaluateOn((v) => patchSpectra(v!), [x]);
  expect(spectra.shape).toEqual([2, 3, 6, 80]);
  const sums = filled([2, 3, 6], (n, c, patch) => {
    let sum = 0;
    for (let pixel = 0; pixel < PATCH ** 2; pixel += 1)
      sum += at(
        x,
        n!,
        c!,
        PATCH * Math.floor(patch! / 3) + Math.floor(pixel / PATCH),
        PATCH * (patch! % 3) + (pixel % PATCH),
      );
    return sum;
  });
  const first = filled([2, 3, 6], (...place) => at(spectra, ...place, 0));
  expectClose(first, sums);
});

test('an image is back after the way to its spectra and back', async () => {
  const x = sample(shape, 2);
  expectClose(await evaluateOn((v) => fromPatchSpectra(patchSpectra(v!), 16, 24), [x]), x);
});

test('the product of spectra is that of the cyclic convolution inside each patch', async () => {
  const [x, y] = [sample(shape, 3), sample(shape, 4)];
  const expected = filled(shape, (n, c, row, column) => {
    const [top, left] = [row! - (row! % PATCH), column! - (column! % PATCH)];
    let sum = 0;
    for (let i = 0; i < PATCH; i += 1)
      for (let j = 0; j < PATCH; j += 1) {
        const down = (row! - top - i + PATCH) % PATCH;
        const across = (column! - left - j + PATCH) % PATCH;
        sum += at(x, n!, c!, top + i, left + j) * at(y, n!, c!, top + down, left + across);
      }
    return sum;
  });
  const product = await evaluateOn(
    (v, w) => fromPatchSpectra(multiplySpectra(patchSpectra(v!), patchSpectra(w!)), 16, 24),
    [x, y],
  );
  expectClose(product, expected, 2e-6);
});

test('a filter with the constant frequency alone leaves the mean of each patch and channel', async () => {
  const x = sample(shape, 5);
  const factors = filled([3, 1, 1, 8, 5], (c, _, __, u, v) => (u === 0 && v === 0 ? c! : 0));
  const filtered = await evaluateOn(
    (v, f) => fromPatchSpectra(filterSpectra(patchSpectra(v!), f!), 16, 24),
    [x, factors],
  );
  const means = filled(shape, (n, c, row, column) => {
    let sum = 0;
    for (let i = 0; i < PATCH; i += 1)
      for (let j = 0; j < PATCH; j += 1)
        sum += at(x, n!, c!, row! - (row! % PATCH) + i, column! - (column! % PATCH) + j);
    return (c! * sum) / PATCH ** 2;
  });
  expectClose(filtered, means);
});

test('a factor acts on its own frequency', async () => {
  const x = sample([1, 2, 8, 8], 6);
  const factors = sample([2, 1, 1, 8, 5], 7);
  const before = await evaluateOn((v) => patchSpectra(v!), [x]);
  const after = await evaluateOn((v, f) => filterSpectra(patchSpectra(v!), f!), [x, factors]);
  const expected = filled([1, 2, 1, 80], (n, c, patch, place) => {
    const frequency = place! % 40;
    const factor = at(factors, c!, 0, 0, Math.floor(frequency / 5), frequency % 5);
    return factor * at(before, n!, c!, patch!, place!);
  });
  expectClose(after, expected);
});

test('spectra, their products and filters have the gradients of what they compute', async () => {
  const [x, y] = [sample([1, 1, 8, 8], 8), sample([1, 1, 8, 8], 9)];
  await checkGradients(
    (v, w, f) => {
      const product = multiplySpectra(patchSpectra(v!), patchSpectra(w!));
      return fromPatchSpectra(filterSpectra(product, f!), 8, 8);
    },
    [x, y, sample([1, 1, 1, 8, 5], 10)],
  );
});

type Complex = readonly [real: number, imaginary: number];

/** X(u, v) of a real patch, summed as defined, for u, v in [0, size). */
function transformed(patch: readonly number[], size: number, u: number, v: number): Complex {
  let [real, imaginary] = [0, 0];
  for (let i = 0; i < size; i += 1)
    for (let j = 0; j < size; j += 1) {
      const angle = (-2 * Math.PI * (u * i + v * j)) / size;
      real += patch[i * size + j]! * Math.cos(angle);
      imaginary += patch[i * size + j]! * Math.sin(angle);
    }
  return [real, imaginary];
}

/** A row vector times a matrix given row by row. */
function times(row: readonly number[], matrix: Float64Array): number[] {
  const columns = matrix.length / row.length;
  return Array.from({ length: columns }, (_, column) =>
    row.reduce((sum, value, place) => sum + value * matrix[place * columns + column]!, 0),
  );
}

function expectNear(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [place, value] of expected.entries()) expect(actual[place]!).toBeCloseTo(value, 11);
}

test.each([2, 4, 6, 8])('of %i x %i pixels: the transform is the sum it is defined by', (size) => {
  const { forward, numbers } = fourierMatrices(size);
  const patch = [...sample([size ** 2], size).data];
  const half = size / 2 + 1;
  const expected = Array.from({ length: size * half }, (_, place) =>
    transformed(patch, size, Math.floor(place / half), place % half),
  );
  expect(numbers).toBe(2 * size * half);
  expectNear(times(patch, forward), [
    ...expected.map(([real]) => real),
    ...expected.map(([, imaginary]) => imaginary),
  ]);
});

test.each([2, 4, 6, 8])('of %i x %i pixels: the inverse undoes the transform', (size) => {
  const { forward, inverse } = fourierMatrices(size);
  const patch = [...sample([size ** 2], 3).data];
  expectNear(times(times(patch, forward), inverse), patch);
});

test('an asymmetric spectrum gives the real part of the sum over both halves', () => {
  const [size, half] = [8, 5];
  const { inverse, numbers } = fourierMatrices(size);
  const spectrum = [...sample([numbers], 7).data];
  const given = (u: number, v: number): Complex => [
    spectrum[u * half + v]!,
    spectrum[numbers / 2 + u * half + v]!,
  ];
  const whole = (u: number, v: number): Complex => {
    if (v < half) return given(u, v);
    const [real, imaginary] = given((size - u) % size, size - v);
    return [real, -imaginary];
  };
  const expected = Array.from({ length: size ** 2 }, (_, pixel) => {
    let sum = 0;
    for (let u = 0; u < size; u += 1)
      for (let v = 0; v < size; v += 1) {
        const angle = (2 * Math.PI * (u * Math.floor(pixel / size) + v * (pixel % size))) / size;
        const [real, imaginary] = whole(u, v);
        sum += real * Math.cos(angle) - imaginary * Math.sin(angle);
      }
    return sum / size ** 2;
  });
  expectNear(times(spectrum, inverse), expected);
});
