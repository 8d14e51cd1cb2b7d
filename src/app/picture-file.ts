import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type DecodedPicture, decodeImageBytes } from '../image/decode.js';
import { encodeImage } from '../image/encode.js';
import { formatFromPath } from '../image/format.js';
import { openPicture, readPictureFile } from '../image/source.js';
import { OutputError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { ResultFile } from './result-file.js';
import { type ResultLimit, requireResultSize } from './result-size.js';

/** Pixels that a picture may have unless a result may have more. */
const DECODED_PIXELS = 2 ** 28;

/** A decoded picture that knows where its result goes. */
export interface PictureFile {
  /** [3, H, W] in [0, 1]. */
  readonly picture: Tensor;
  /** Takes the result with the depth, profile, EXIF and alpha of the input. */
  readonly result: ResultFile;
}

/**
 * Decodes a picture, having made sure that its result can be written: a long restoration must not
 * fail at its end over the name of a file.
 * @throws InputError or LimitError for the input; ParameterError where the output's format cannot
 * hold the picture's depth, alpha or size; OutputError where its folder is missing or not writable.
 */
export async function openPictureFile(
  input: string,
  output: string,
  limit: ResultLimit,
): Promise<PictureFile> {
  const format = formatFromPath(output);
  await requirePlace(output);
  const limits = { maxPixels: Math.max(DECODED_PIXELS, limit.maxPixels) };
  const bytes = await readPictureFile(input);
  const { header } = await openPicture(bytes, input, limits);
  requireResultSize(input, header, limit);
  const { tensor: picture, ...kept } = await decodeImageBytes(bytes, input, limits);
  await encodeImage(pixelLike(kept), format);
  const { scale } = limit;
  const [, height, width] = picture.shape as [number, number, number];
  const size = { height: height * scale, width: width * scale, scale };
  return { picture, result: new ResultFile({ path: output, ...size, ...kept }) };
}

/** @throws OutputError where a file cannot be made of this name. */
export async function requirePlace(output: string): Promise<void> {
  if (await writable(output)) return;
  try {
    await access(dirname(output), constants.W_OK);
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    const reason = missing ? 'its folder does not exist' : 'its folder is not writable';
    throw new OutputError(output, `cannot be written: ${reason}`, { cause });
  }
}

function writable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

/** One pixel in everything else like the picture, which a format takes or refuses. */
function pixelLike({ alpha, ...kept }: Omit<DecodedPicture, 'tensor'>) {
  return {
    ...kept,
    tensor: tensor([3, 1, 1]),
    ...(alpha === undefined ? {} : { alpha: tensor([1, 1, 1]) }),
  };
}
