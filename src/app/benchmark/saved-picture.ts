import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import { sha256Of } from '../../files/fingerprint.js';
import { decodeImage } from '../../images/decode.js';
import { quantise } from '../../images/raster.js';
import { InputError } from '../../tensor/errors.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { MethodOutput } from './open-method.js';

/** A picture that was saved by an earlier run, and its record. */
export interface SavedPicture {
  readonly path: string;
  readonly record: BenchmarkRecord;
}

/** SHA-256 of the bytes of a picture's pixels, R G B by row, in hexadecimal digits. */
export function pixelDigest(picture: Tensor): string {
  return sha256Of(quantise([picture], 8));
}

/**
 * What a method gave in an earlier run, so that it can be judged by further metrics; undefined where
 * the file has gone or holds other pixels.
 */
export async function readSavedPicture({
  path,
  record,
}: SavedPicture): Promise<MethodOutput | undefined> {
  try {
    const { tensor: picture } = await decodeImage(path);
    if (pixelDigest(picture) !== record.pixels) return undefined;
    const { seconds, nfe, parameters, macs, roughMacs } = record;
    return { picture, seconds, nfe, parameters, macs, roughMacs };
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
