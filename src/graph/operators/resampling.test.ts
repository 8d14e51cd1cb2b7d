import { describe, expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { input } from '../leaves.js';
import { checkGradients } from '../testing/check-gradients.js';
import { evaluateOn } from '../testing/evaluate.js';
import { readBilinearly } from '../testing/reference-functions.js';
import { at, expectClose, filled, sample } from '../testing/tensors.js';
import { gridSample, resizeBilinear, resizeNearest, type SamplePadding } from './resampling.js';

const x = sample([2, 3, 4, 5], 1);

describe('gridSample', () => {
  /** Places up to half an image beyond every border. */
  const grid = sample([2, 3, 6, 2], 2, { low: -2, high: 2 });

  const gridCases = (['zeros', 'border'] as const).flatMap((padding) =>
    [true, false].map((alignCorners) => ({ padding, alignCorners })),
  );

  test.each(gridCases)(
    'reads between pixels, $padding beyond, corners aligned: $alignCorners',
    async (options) => {
      const expected = filled([2, 3, 3, 6], (n, c, row, column) => {
        const place = ((n! * 3 + row!) * 6 + column!) * 2;
        const [across, down] = [grid.data[place]!, grid.data[place + 1]!];
        const { alignCorners, padding } = options;
        const pixel = (value: number, extent: number): number =>
          alignCorners ? ((value + 1) / 2) * (extent - 1) : ((value + 1) * extent - 1) / 2;
        return readBilinearly(x, [n!, c!], pixel(down, 4), pixel(across, 5), padding);
      });
      expectClose(await evaluateOn((v, g) => gridSample(v!, g!, options), [x, grid]), expected);
    },
  );

  /** Places between pixels, none near where the reading has a kink, some beyond the border. */
  function smoothGrid(alignCorners: boolean) {
    const shares = sample([2, 3, 6, 2], 6, { low: 0.25, high: 0.75 });
    const cells = sample([2, 3, 6, 2], 7, { low: -3, high: 7 });
    return filled([2, 3, 6, 2], (...index) => {
      const pixel = Math.floor(at(cells, ...index)) + at(shares, ...index);
      const extent = index[3] === 0 ? 5 : 4;
      return alignCorners ? (2 * pixel) / (extent - 1) - 1 : (2 * pixel + 1) / extent - 1;
    });
  }

  test.each(gridCases)(
    'gradients, $padding beyond, corners aligned: $alignCorners',
    async (options) => {
      const smooth = smoothGrid(options.alignCorners);
      await checkGradients((v, g) => gridSample(v!, g!, options), [x, smooth]);
    },
  );

  test('-1 and 1 are the corner pixels where corners are aligned', async () => {
    const corners = tensor([1, 1, 4, 2], [-1, -1, 1, -1, -1, 1, 1, 1]);
    const image = sample([1, 1, 3, 7], 4);
    const read = await evaluateOn(
      (v, g) => gridSample(v!, g!, { alignCorners: true }),
      [image, corners],
    );
    const { data } = image;
    expectClose(read, tensor([1, 1, 1, 4], [data[0]!, data[6]!, data[14]!, data[20]!]));
  });

  test.each([
    ['another batch', [2, 3, 4, 5], [1, 3, 6, 2]],
    ['places of three numbers', [2, 3, 4, 5], [2, 3, 6, 3]],
    ['another rank', [2, 3, 4, 5], [2, 3, 2]],
  ])('refuses %s', (_, shape, places) => {
    expect(() => gridSample(input('x', shape), input('grid', places))).toThrow(ParameterError);
  });

  test('refuses integers', () => {
    const options: { padding: SamplePadding } = { padding: 'zeros' };
    expect(() =>
      gridSample(input('x', [1, 1, 2, 2], 'uint8'), input('grid', [1, 1, 1, 2]), options),
    ).toThrow(ParameterError);
  });
});

describe('resizeBilinear', () => {
  function sourceOf(place: number, from: number, to: number, alignCorners: boolean): number {
    if (alignCorners) return to === 1 ? 0 : (place * (from - 1)) / (to - 1);
    return Math.min(Math.max(((place + 0.5) * from) / to - 0.5, 0), from - 1);
  }

  const sizes: [number, number][] = [
    [6, 8],
    [5, 7],
    [2, 3],
    [1, 1],
    [3, 9],
  ];

  const resizeCases = sizes.flatMap((size) =>
    [true, false].map((alignCorners) => ({ size, alignCorners })),
  );

  test.each(resizeCases)(
    'to $size, corners aligned: $alignCorners',
    async ({ size, alignCorners }) => {
      const x = sample([2, 2, 3, 4], 1);
      const expected = filled([2, 2, ...size], (n, c, y, z) => {
        const row = sourceOf(y!, 3, size[0], alignCorners);
        const column = sourceOf(z!, 4, size[1], alignCorners);
        const [top, left] = [Math.floor(row), Math.floor(column)];
        const [down, right] = [row - top, column - left];
        const pixel = (i: number, j: number) => at(x, n!, c!, Math.min(i, 2), Math.min(j, 3));
        return (
          (1 - down) * ((1 - right) * pixel(top, left) + right * pixel(top, left + 1)) +
          down * ((1 - right) * pixel(top + 1, left) + right * pixel(top + 1, left + 1))
        );
      });
      expectClose(
        await evaluateOn((v) => resizeBilinear(v!, size, { alignCorners }), [x]),
        expected,
      );
      await checkGradients((v) => resizeBilinear(v!, size, { alignCorners }), [x]);
    },
  );

  test('refuses other ranks, sizes that are no positive integers, and integers', () => {
    expect(() => resizeBilinear(input('x', [3, 4, 4]), [2, 2])).toThrow(ParameterError);
    expect(() => resizeBilinear(input('x', [1, 3, 4, 4]), [0, 2])).toThrow(ParameterError);
    expect(() => resizeBilinear(input('x', [1, 3, 4, 4]), [2, 2.5])).toThrow(ParameterError);
    expect(() => resizeBilinear(input('x', [1, 3, 4, 4], 'uint8'), [2, 2])).toThrow(ParameterError);
  });
});

describe('resizeNearest', () => {
  test.each([1, 2, 3])('repeats every pixel %d times', async (factor) => {
    const x = sample([2, 2, 2, 3], 1);
    const expected = filled([2, 2, 2 * factor, 3 * factor], (n, c, y, z) =>
      at(x, n!, c!, Math.floor(y! / factor), Math.floor(z! / factor)),
    );
    expectClose(await evaluateOn((v) => resizeNearest(v!, factor), [x]), expected);
    await checkGradients((v) => resizeNearest(v!, factor), [x]);
  });

  test('refuses other ranks and broken factors', () => {
    expect(() => resizeNearest(input('x', [3, 4, 4]), 2)).toThrow(ParameterError);
    expect(() => resizeNearest(input('x', [1, 3, 4, 4]), 1.5)).toThrow(ParameterError);
    expect(() => resizeNearest(input('x', [1, 3, 4, 4]), 0)).toThrow(ParameterError);
  });
});
