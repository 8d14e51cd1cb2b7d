import { crc32 } from 'node:zlib';

const IHDR = 8;

/** Bit depths of each colour type. */
const depths: Readonly<Record<number, readonly number[]>> = {
  0: [1, 2, 4, 8, 16],
  2: [8, 16],
  3: [1, 2, 4, 8],
  4: [8, 16],
  6: [8, 16],
};

/** Width and height by the first chunk of a PNG file; `undefined` where it has none. */
export function pngSize(head: Uint8Array): { width: number; height: number } | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < IHDR + 25) return undefined;
  return { width: view.getUint32(IHDR + 8), height: view.getUint32(IHDR + 12) };
}

/**
 * What is wrong with the first chunk of a PNG file, which decoders believe; undefined where
 * nothing is.
 */
export function pngDamage(head: Uint8Array): string | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  if (view.byteLength < IHDR + 25) return 'the file ends in its header';
  if (view.getUint32(IHDR) !== 13 || view.getUint32(IHDR + 4) !== 0x49484452)
    return 'its first chunk is no header';
  if (view.getUint32(IHDR + 21) !== crc32(head.subarray(IHDR + 4, IHDR + 21)))
    return 'the header does not agree with its check';
  const [depth, colour] = [view.getUint8(IHDR + 16), view.getUint8(IHDR + 17)];
  if (view.getUint32(IHDR + 8) === 0 || view.getUint32(IHDR + 12) === 0) return 'it has no pixels';
  if (!depths[colour]?.includes(depth)) return `${depth} bits of colour type ${colour}`;
  return undefined;
}
