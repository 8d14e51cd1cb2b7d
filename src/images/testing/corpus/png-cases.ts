import { deflateSync } from 'node:zlib';
import { pngChunk } from '../../png.js';
import {
  type CorpusImage,
  cutAt,
  type ExpectedImage,
  read,
  replaced,
  type Samples,
  scattered,
} from './case.js';
import { buildPng, findChunk, type PngLayout } from './png-builder.js';

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

function png(name: string, samples: Samples, layout?: PngLayout): CorpusImage {
  return { name: `png: ${name}`, bytes: () => buildPng(samples, layout), expected: read(samples) };
}

/** PNG files in order, of every kind. */
export const pngCases: readonly CorpusImage[] = [
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
function palette(bits: number, hasAlpha: boolean): CorpusImage {
  const indices = scattered(11, 6, 1, bits);
  const table = scattered(2 ** bits, 1, 3, 8).values;
  const alphas = scattered(Math.max(1, 2 ** bits - 1), 1, 1, 8).values;
  const at: ExpectedImage['at'] = (x, y, channel) => {
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
function keyed(channels: 1 | 3, bits: 8 | 16): CorpusImage {
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

const samples = scattered(40, 30, 3, 8);
const whole = buildPng(samples);
const good = read(samples);
const damaged = { error: 'input', message: /the PNG data is damaged or cut off/ } as const;
const data = findChunk(whole, 'IDAT');
const end = findChunk(whole, 'IEND');

function damagedPng(
  name: string,
  bytes: () => Uint8Array,
  expected: CorpusImage['expected'] = damaged,
): CorpusImage {
  return { name: `png: ${name}`, bytes, expected };
}

/** The pixels' chunk with other compressed bytes and a right check. */
function withPixels(compressed: Uint8Array): Uint8Array {
  return Buffer.concat([
    whole.subarray(0, data.at),
    ...pngChunk('IDAT', compressed),
    whole.subarray(data.end),
  ]);
}

const compressed = (): Buffer => whole.subarray(data.content, data.end - 4);
const plain: ExpectedImage = { ...good, icc: 'none' };

/** PNG files that are broken in every part, and some whose faults harm nothing. */
export const pngDamage: readonly CorpusImage[] = [
  damagedPng('cut in the signature', () => whole.subarray(0, 6), {
    error: 'input',
    message: /no PNG, JPEG/,
  }),
  damagedPng('nothing but the signature', () => whole.subarray(0, 8)),
  damagedPng('cut in the header', () => whole.subarray(0, 20)),
  damagedPng('nothing but the header', () => whole.subarray(0, 33)),
  damagedPng('cut before the pixels', () => whole.subarray(0, data.content)),
  ...[0.1, 0.5, 0.9].map((share) =>
    damagedPng(`cut at ${share} of the pixels`, () =>
      whole.subarray(0, data.content + Math.floor(share * (data.end - data.content - 4))),
    ),
  ),
  damagedPng('cut in the check of the pixels', () => whole.subarray(0, data.end - 2)),
  damagedPng('no pixels', () =>
    Buffer.concat([whole.subarray(0, data.at), whole.subarray(end.at)]),
  ),
  damagedPng('a bit of the pixels', () =>
    replaced(whole, data.content + 99, whole[data.content + 99]! ^ 4),
  ),
  damagedPng(
    'the check of the pixels, which are whole',
    () => replaced(whole, data.end - 1, whole[data.end - 1]! ^ 1),
    good,
  ),
  damagedPng('the check of the header', () => replaced(whole, 32, whole[32]! ^ 1)),
  damagedPng('the first chunk is another', () => replaced(whole, 12, 0x49, 0x48, 0x44, 0x53)),
  damagedPng('a header of 12 bytes', () => replaced(whole, 11, 12)),
  damagedPng('a chunk of 4 GiB', () => replaced(whole, data.at, 0xff, 0xff, 0xff, 0xff)),
  damagedPng('a chunk of 2 GiB - 1', () => replaced(whole, data.at, 0x7f, 0xff, 0xff, 0xff)),
  damagedPng('no width', () => buildPng(samples, { header: { width: 0 } })),
  damagedPng('no height', () => buildPng(samples, { header: { height: 0 } })),
  damagedPng('3 bits a sample', () => buildPng(samples, { header: { bits: 3 } })),
  damagedPng('a taller image than there are rows', () =>
    buildPng(samples, { header: { height: 60 } }),
  ),
  damagedPng('a wider image than rows are long', () =>
    buildPng(samples, { header: { width: 80 } }),
  ),
  damagedPng('a filter that there is not', () => buildPng(samples, { filter: 7 })),
  damagedPng('a palette that is missing', () => buildPng(scattered(9, 9, 1, 8), { colourType: 3 })),
  damagedPng('compressed by no zlib', () => withPixels(replaced(compressed(), 0, 0, 0))),
  damagedPng('a bit of the compressed pixels with a right check', () =>
    withPixels(replaced(compressed(), 50, compressed()[50]! ^ 0x20)),
  ),
  damagedPng('compressed pixels that end early with a right check', () =>
    withPixels(compressed().subarray(0, 900)),
  ),
  damagedPng('rows that end early with all checks right', () =>
    buildPng(samples, { change: (rows) => rows.subarray(0, rows.length / 2) }),
  ),
  damagedPng('no end', () => whole.subarray(0, end.at), good),
  damagedPng('bytes behind the end', () => Buffer.concat([whole, Buffer.alloc(999, 7)]), good),
  damagedPng(
    'a profile that is none',
    () => buildPng(samples, { before: [profileChunk(Buffer.alloc(300))] }),
    plain,
  ),
  damagedPng(
    'a profile that is not compressed',
    () => buildPng(samples, { before: [['iCCP', Buffer.from('made\0\0nothing')]] }),
    plain,
  ),
  damagedPng(
    'a profile of 20 MB in 20 KB',
    () => buildPng(samples, { before: [profileChunk(Buffer.alloc(2e7))] }),
    plain,
  ),
  damagedPng(
    'a text of 20 MB in 20 KB',
    () => {
      const text = Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(2e7, 65))]);
      return buildPng(samples, { before: [['zTXt', text]] });
    },
    good,
  ),
  damagedPng('10^10 pixels', () => buildPng(samples, { header: { width: 1e5, height: 1e5 } }), {
    error: 'limit',
    message: /100000 x 100000 pixels, the limit is 268435456; raise `limits\.maxPixels/,
  }),
  damagedPng(
    '2^31 - 1 pixels each way',
    () => buildPng(samples, { header: { width: 2 ** 31 - 1, height: 2 ** 31 - 1 } }),
    {
      error: 'limit',
      message: /raise `limits\.maxPixels/,
    },
  ),
  damagedPng(
    'pixels of 20 MB in 20 KB, for a small image',
    () => buildPng(samples, { change: (rows) => Buffer.concat([rows, Buffer.alloc(2e7)]) }),
    good,
  ),
  {
    ...damagedPng('a limit of pixels', () => whole, {
      error: 'limit',
      message: /40 x 30 pixels, the limit is 1199/,
    }),
    limits: { maxPixels: 1199 },
  },
  {
    ...damagedPng('a limit of bytes', () => whole, {
      error: 'limit',
      message: /raise `limits\.maxBytes/,
    }),
    limits: { maxBytes: whole.length - 1 },
  },
  {
    ...damagedPng('within all limits', () => whole, good),
    limits: { maxPixels: 1200, maxBytes: whole.length },
  },
  damagedPng('half of it, which hides the end', () => cutAt(whole, 0.5)),
];
