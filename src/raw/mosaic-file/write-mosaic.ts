import sharp from 'sharp';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { OutputError, ParameterError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { RawFrame } from '../frame.js';
import { sidecarPath } from './sidecar.js';

/**
 * Writes a frame as a 16-bit mosaic, PATH, which has to end in .png, and its description, NAME.json:
 * first the description, then the mosaic, each whole or not at all.
 * @param options.white the sample that stands for 1, 65535 unless given; frames whose values are
 *   whole multiples of its inverse come back bit for bit.
 * @throws ParameterError for another name, shape or level, or values that are no numbers;
 * OutputError where a file cannot be written.
 */
export async function writeMosaic(
  path: string,
  frame: RawFrame,
  options: { readonly white?: number } = {},
): Promise<void> {
  const white = options.white ?? 65535;
  if (!/\.png$/i.test(path)) throw new ParameterError('path', 'a name ending in .png', path);
  if (!(Number.isInteger(white) && white >= 1 && white <= 65535))
    throw new ParameterError('white', 'an integer from 1 to 65535', white);
  const { samples, width, height } = mosaicOf(frame.packed, white);
  const { camera, ...described } = frame.metadata;
  const sidecar = { black: 0, white, phase: 'RGGB', ...camera, ...described };
  const png = await encode(path, samples, width, height);
  await writeFileAtomic(sidecarPath(path), Buffer.from(`${JSON.stringify(sidecar, null, 2)}\n`));
  await writeFileAtomic(path, png);
}

async function encode(
  path: string,
  samples: Uint16Array,
  width: number,
  height: number,
): Promise<Uint8Array> {
  try {
    return await sharp(samples, { raw: { width, height, channels: 1 }, limitInputPixels: false })
      .pipelineColourspace('grey16')
      .toColourspace('grey16')
      .png()
      .toBuffer();
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new OutputError(path, `cannot be encoded: ${detail}`, { cause });
  }
}

function mosaicOf(packed: Tensor, white: number) {
  const [planes, rows = 0, columns = 0] = packed.shape;
  if (packed.shape.length !== 3 || planes !== 4 || packed.data.length === 0)
    throw new ParameterError('frame', 'a tensor [4, height, width]', packed.shape);
  const samples = new Uint16Array(packed.data.length);
  for (let plane = 0; plane < 4; plane++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const value = packed.data[(plane * rows + row) * columns + column]!;
        if (Number.isNaN(value)) throw new ParameterError('frame', 'numbers', value);
        const at = (2 * row + (plane >> 1)) * 2 * columns + 2 * column + (plane & 1);
        samples[at] = Math.min(Math.max(Math.round(value * white), 0), white);
      }
  return { samples, width: 2 * columns, height: 2 * rows };
}
