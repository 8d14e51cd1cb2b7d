import type { Metadata } from 'sharp';

/**
 * Brings samples of 10 or 12 bits, which the decoder leaves in the upper bits of 16, to the range
 * of 16 bits in place, so that white is 65535.
 */
export function spreadLevels(
  samples: Uint8Array | Uint16Array,
  { depth, bitsPerSample = 16 }: Pick<Metadata, 'depth' | 'bitsPerSample'>,
): void {
  if (depth !== 'ushort' || bitsPerSample <= 8 || bitsPerSample >= 16) return;
  const shift = 16 - bitsPerSample;
  const largest = 2 ** bitsPerSample - 1;
  for (let place = 0; place < samples.length; place += 1)
    samples[place] = Math.round(((samples[place]! >> shift) * 65535) / largest);
}
