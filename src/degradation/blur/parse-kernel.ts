import { InputError, ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';

/**
 * A kernel written as text: one row per line, numbers apart by blanks, tabs, commas or semicolons;
 * empty lines and lines that begin with # or % count for nothing.
 * @param name of the file, for errors.
 * @returns rows, for the `kernel` of a kernel-blur; weights are not yet normalised.
 * @throws InputError that names the line where something else than a number stands, or where a row
 *   is longer or shorter than the first.
 */
export function parseKernel(text: string, name = 'kernel'): number[][] {
  const rows: number[][] = [];
  text.split(/\r\n?|\n/).forEach((line, at) => {
    const words = line
      .trim()
      .split(/[\s,;]+/)
      .filter((word) => word !== '');
    if (words.length === 0 || /^[#%]/.test(words[0]!)) return;
    const row = words.map((word) => {
      const number = Number(word);
      if (Number.isFinite(number)) return number;
      const received = JSON.stringify(word.slice(0, 40));
      throw new InputError(name, `line ${at + 1}: expected numbers, received ${received}`, {
        expected: 'numbers',
        received,
      });
    });
    const width = rows[0]?.length ?? row.length;
    if (row.length !== width) {
      const expected = `${width} numbers as in the first row`;
      throw new InputError(name, `line ${at + 1}: expected ${expected}, received ${row.length}`, {
        expected,
        received: String(row.length),
      });
    }
    rows.push(row);
  });
  if (rows.length === 0) throw new InputError(name, 'holds no numbers');
  return rows;
}

/**
 * A kernel drawn as a picture: the mean of its channels, black for no light.
 * @param picture [H, W], or [C, H, W] with channels of which each counts the same.
 * @returns rows, for the `kernel` of a kernel-blur; weights are not yet normalised.
 * @throws ParameterError for another shape or a picture without pixels.
 */
export function kernelOfPicture({ shape, data }: Tensor): number[][] {
  const [height = 0, width = 0] = shape.slice(-2);
  if (shape.length < 2 || shape.length > 3 || data.length === 0)
    throw new ParameterError(
      'picture',
      'a tensor [height, width] or [channels, height, width]',
      shape,
    );
  const area = height * width;
  const channels = data.length / area;
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      let sum = 0;
      for (let channel = 0; channel < channels; channel++)
        sum += data[channel * area + y * width + x]!;
      return sum / channels;
    }),
  );
}
