import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import { resizeBicubic } from '../degradation/bicubic.js';
import { type DecodedPicture, decodeImageBytes } from '../image/decode.js';
import { encodeImage, writeImage } from '../image/encode.js';
import { formatFromPath } from '../image/format.js';
import { openPicture, readPictureFile } from '../image/source.js';
import { OutputError } from '../tensor/errors.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { type ResultLimit, requireResultSize } from './result-size.js';

/** A decoded picture that knows where its enlargement goes. */
export interface PictureFile {
  /** [3, H, W] in [0, 1]. */
  readonly picture: Tensor;
  /** Writes the enlarged pixels [3, H scale, W scale] with the depth, profile, EXIF and alpha of the input. */
  write(enlarged: Tensor): Promise<void>;
}

/**
 * Decodes a picture, having made sure that its result can be written: a long restoration must not
 * fail at its end over the name of a file.
 * @throws InputError or LimitError for the input; ParameterError where the output's format cannot
 * hold the picture's depth or alpha; OutputError where its folder is missing or not writable.
 */
export async function openPictureFile(
  input: string,
  output: string,
  limit: ResultLimit,
): Promise<PictureFile> {
  const format = formatFromPath(output);
  await requirePlace(output);
  const bytes = await readPictureFile(input);
  const { header } = await openPicture(bytes, input);
  requireResultSize(input, header, limit);
  const { tensor: picture, alpha, ...kept } = await decodeImageBytes(bytes, input);
  await encodeImage(pixelLike(kept, alpha !== undefined), format);
  return {
    picture,
    write: (enlarged) =>
      writeImage(output, {
        ...kept,
        tensor: enlarged,
        ...(alpha === undefined ? {} : { alpha: enlargedAlpha(alpha, limit.scale) }),
      }),
  };
}

async function requirePlace(output: string): Promise<void> {
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
function pixelLike(kept: Omit<DecodedPicture, 'tensor' | 'alpha'>, hasAlpha: boolean) {
  return {
    ...kept,
    tensor: tensor([3, 1, 1]),
    ...(hasAlpha ? { alpha: tensor([1, 1, 1]) } : {}),
  };
}

function enlargedAlpha(alpha: Tensor, scale: number): Tensor {
  const { shape, data } = resizeBicubic(alpha, { scale });
  for (let place = 0; place < data.length; place += 1)
    data[place] = Math.min(1, Math.max(0, data[place]!));
  return tensor(shape, data);
}
