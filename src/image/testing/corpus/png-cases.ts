import { deflateSync } from 'node:zlib';
import { type CorpusPicture, type ExpectedPicture, read, type Samples, scattered } from './case.js';
import { buildPng, type PngLayout } from './png-builder.js';

const kinds: readonly (readonly [channels: number, bits: number])[] = [
  [1, 1],
  [1, 2],
  [1, 4],
  [1, 8],
  [1, 16],
  [2, 8],
  [2, 16],
  [3, 8],
  [3, 16],
  [4, 8],
  [4, 16],
];

const sizes: readonly (readonly [width: number, height: number])[] = [
  [1, 1],
  [1, 9],
  [9, 1],
  [3, 2],
  [255, 257],
  [30000, 2],
  [2, 30000],
];

function png(name: string, samples: Samples, layout?: PngLayout): CorpusPicture {
  return { name: `png: ${name}`, bytes: () => buildPng(samples, layout), expected: read(samples) };
}

/** PNG files in order, of every kind. */
export const pngCases: readonly CorpusPicture[] = [
  ...kinds.flatMap(([channels, bits]) => [
    png(`${channels} x ${bits} bits`, scattered(13, 7, channels, bits)),
    png(`${channels} x ${bits} bits, interlaced`, scattered(13, 7, channels, bits), {
      isInterlaced: true,
    }),
  ]),
  ...[1, 2, 3, 4].map((filter) =>
    png(`filter ${filter}`, scattered(19, 5, 3, filter % 2 === 0 ? 8 : 16), { filter }),
  ),
  ...sizes.map(([width, height]) => png(`${width} x ${height}`, scattered(width, height, 3, 8))),
  png('1 x 1, interlaced', scattered(1, 1, 4, 16), { isInterlaced: true }),
  png('chunks of one byte', scattered(5, 4, 3, 8), { split: 1 }),
  ...[1, 2, 4, 8].flatMap((bits) => [palette(bits, false), palette(bits, true)]),
  keyed(1, 8),
  keyed(1, 16),
  keyed(3, 8),
  keyed(3, 16),
];

/** Colours of a table, some of them transparent. */
function palette(bits: number, hasAlpha: boolean): CorpusPicture {
  const indices = scattered(11, 6, 1, bits);
  const table = scattered(2 ** bits, 1, 3, 8).values;
  const alphas = scattered(Math.max(1, 2 ** bits - 1), 1, 1, 8).values;
  const at: ExpectedPicture['at'] = (x, y, channel) => {
    const index = indices.values[y * 11 + x]!;
    return channel === 3 ? (alphas[index] ?? 255) / 255 : table[3 * index + channel]! / 255;
  };
  const before: [string, Uint8Array][] = [['PLTE', Uint8Array.from(table)]];
  if (hasAlpha) before.push(['tRNS', Uint8Array.from(alphas)]);
  return {
    name: `png: palette of ${bits} bits${hasAlpha ? ', transparent' : ''}`,
    bytes: () => buildPng(indices, { colourType: 3, before }),
    expected: { width: 11, height: 6, bitDepth: 8, grey: false, hasAlpha, at },
  };
}

/** One colour is transparent. */
function keyed(channels: 1 | 3, bits: 8 | 16): CorpusPicture {
  const samples = scattered(9, 5, channels, bits);
  const key = [...samples.values.subarray(4 * channels, 5 * channels)];
  const content = Buffer.alloc(2 * channels);
  for (const [index, value] of key.entries()) content.writeUInt16BE(value, 2 * index);
  const plain = read(samples);
  const isKey = (x: number, y: number): boolean =>
    key.every((value, index) => samples.values[(y * 9 + x) * channels + index] === value);
  return {
    name: `png: transparent colour in ${channels} x ${bits} bits`,
    bytes: () => buildPng(samples, { before: [['tRNS', content]] }),
    expected: {
      ...plain,
      hasAlpha: true,
      at: (x, y, channel) => (channel === 3 ? (isKey(x, y) ? 0 : 1) : plain.at!(x, y, channel)),
    },
  };
}

/** A profile chunk. */
export function profileChunk(icc: Uint8Array): readonly [string, Uint8Array] {
  return ['iCCP', Buffer.concat([Buffer.from('made\0\0', 'latin1'), deflateSync(icc)])];
}

/** An XMP chunk. */
export function xmpChunk(xmp: Uint8Array): readonly [string, Uint8Array] {
  return ['iTXt', Buffer.concat([Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp])];
}
