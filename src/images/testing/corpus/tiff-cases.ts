import {
  type CorpusImage,
  cutAt,
  type ExpectedImage,
  read,
  replaced,
  type Samples,
  scattered,
} from './case.js';
import { buildPages, buildTiff, type TiffLayout } from './tiff-builder.js';

function tiff(
  name: string,
  samples: Samples,
  layout: TiffLayout = {},
  expected: CorpusImage['expected'] = read(samples),
): CorpusImage {
  return { name: `tiff: ${name}`, bytes: () => buildTiff(samples, layout), expected };
}

const small = (channels: number, bits: number): Samples => scattered(13, 7, channels, bits);

/** TIFF files in order, of every kind. */
export const tiffCases: readonly CorpusImage[] = [
  ...[1, 2, 4, 8, 16].map((bits) => tiff(`grey of ${bits} bits`, small(1, bits))),
  ...[1, 4, 8, 16].map((bits) => {
    const samples = small(1, bits);
    const { at, ...plain } = read(samples);
    const inverted: ExpectedImage = { ...plain, at: (x, y, c) => 1 - at!(x, y, c) };
    return tiff(`grey of ${bits} bits, 0 is white`, samples, { photometric: 0 }, inverted);
  }),
  ...[8, 16].flatMap((bits) => [
    tiff(`grey and alpha of ${bits} bits`, small(2, bits), { extraSamples: [2] }),
    tiff(`RGB of ${bits} bits`, small(3, bits)),
    tiff(`RGB of ${bits} bits, high byte first`, small(3, bits), { isBigEndian: true }),
    tiff(`RGB of ${bits} bits, BigTIFF`, small(3, bits), { isBig: true }),
    tiff(`RGB of ${bits} bits, in planes`, small(3, bits), { isPlanar: true, rowsPerStrip: 3 }),
    tiff(`RGB of ${bits} bits, in tiles`, scattered(37, 20, 3, bits), { tile: 16 }),
    tiff(`RGB of ${bits} bits, deflated strips`, small(3, bits), {
      isDeflated: true,
      rowsPerStrip: 2,
    }),
    tiff(`RGB and alpha of ${bits} bits`, small(4, bits), { extraSamples: [2] }),
    tiff(`RGB and something of ${bits} bits`, small(4, bits), { extraSamples: [0] }),
    premultiplied(bits as 8 | 16),
  ]),
  tiff('BigTIFF, high byte first', small(3, 16), { isBig: true, isBigEndian: true }),
  tiff('1 x 1', scattered(1, 1, 3, 16)),
  tiff('30000 x 2', scattered(30000, 2, 1, 16)),
  tiff('2 x 30000', scattered(2, 30000, 3, 8), { rowsPerStrip: 1 }),
  palette(),
  inks(8, false),
  inks(8, true),
  inks(16, false),
  {
    name: 'tiff: a page and its reduced copy',
    bytes: () =>
      buildPages([
        { samples: small(3, 8) },
        { samples: scattered(4, 3, 3, 8), layout: { tags: { 254: [1] } } },
      ]),
    expected: read(small(3, 8)),
  },
  {
    name: 'tiff: three pages',
    bytes: () => buildPages(Array.from({ length: 3 }, () => ({ samples: small(3, 8) }))),
    expected: { error: 'limit', message: /3 frames or pages, .* raise `limits\.maxFrames/ },
  },
  {
    name: 'tiff: the first of three pages',
    bytes: () => buildPages([1, 2, 3].map((width) => ({ samples: scattered(width, 4, 3, 8) }))),
    limits: { maxFrames: 3 },
    expected: read(scattered(1, 4, 3, 8)),
  },
  tiff(
    '8 channels',
    small(8, 8),
    { photometric: 2, extraSamples: [0, 0, 0, 0, 0] },
    {
      error: 'limit',
      message: /8 channels, the limit is 5; raise `limits\.maxChannels/,
    },
  ),
];

/** Colours that were multiplied by alpha, as many programs store them. */
function premultiplied(bits: 8 | 16): CorpusImage {
  const plain = scattered(13, 7, 4, bits);
  const largest = 2 ** bits - 1;
  const values = plain.values.slice();
  for (let place = 0; place < values.length; place += 4) {
    const alpha = Math.max(values[place + 3]!, Math.ceil(largest / 2));
    values[place + 3] = alpha;
    plain.values[place + 3] = alpha;
    for (let channel = 0; channel < 3; channel += 1)
      values[place + channel] = Math.round((values[place + channel]! * alpha) / largest);
  }
  return tiff(
    `RGB of ${bits} bits multiplied by alpha`,
    { ...plain, values },
    { extraSamples: [1] },
    {
      ...read(plain),
      tolerance: 2.01 / largest,
    },
  );
}

function palette(): CorpusImage {
  const indices = small(1, 8);
  const table = scattered(256, 1, 3, 8).values;
  const content = Buffer.alloc(2 * 768);
  for (const [index, value] of table.entries())
    content.writeUInt16LE(value * 257, 2 * ((index % 3) * 256 + Math.floor(index / 3)));
  const colours = { type: 3, bytes: content };
  return tiff(
    'palette',
    indices,
    { photometric: 3, tags: { 320: colours } },
    {
      ...{ width: 13, height: 7, bitDepth: 8, grey: false, hasAlpha: false },
      at: (x, y, channel) => table[3 * indices.values[y * 13 + x]! + channel]! / 255,
    },
  );
}

/** Paper, cyan, magenta, yellow and black, whose colours are known roughly. */
function inks(bits: 8 | 16, hasAlpha: boolean): CorpusImage {
  const full = 2 ** bits - 1;
  const patches = [
    [0, 0, 0, 0],
    [full, 0, 0, 0],
    [0, full, 0, 0],
    [0, 0, full, 0],
    [0, 0, 0, full],
  ].map((inks) => (hasAlpha ? [...inks, Math.round(full / 2)] : inks));
  const samples: Samples = {
    ...{ width: 5, height: 1, channels: hasAlpha ? 5 : 4, bits },
    values: Uint16Array.from(patches.flat()),
  };
  const colours = [
    [1, 1, 1],
    [0.25, 0.67, 0.92],
    [0.86, 0.17, 0.53],
    [0.99, 0.94, 0.2],
    [0.14, 0.13, 0.13],
  ];
  return tiff(
    `CMYK of ${bits} bits${hasAlpha ? ' and alpha' : ''}`,
    samples,
    { photometric: 5, ...(hasAlpha && { extraSamples: [2] }) },
    {
      ...{ width: 5, height: 1, bitDepth: bits, grey: false, hasAlpha, tolerance: 0.26 },
      at: (x, _, channel) => (channel === 3 ? 0.5 : colours[x]![channel]!),
    },
  );
}

const samples = scattered(40, 30, 3, 8);
const whole = buildTiff(samples, { rowsPerStrip: 5 });
const damaged = { error: 'input', message: /the TIFF data is damaged or cut off/ } as const;
const directory = whole.readUInt32LE(4);

function damagedTiff(
  name: string,
  bytes: () => Uint8Array,
  expected: CorpusImage['expected'] = damaged,
): CorpusImage {
  return { name: `tiff: ${name}`, bytes, expected };
}

const withTags =
  (tags: TiffLayout['tags'], layout: TiffLayout = {}) =>
  () =>
    buildTiff(samples, { rowsPerStrip: 5, ...layout, tags: { ...tags } });

/** TIFF files that are broken in every part. */
export const tiffDamage: readonly CorpusImage[] = [
  damagedTiff('nothing but the header', () => whole.subarray(0, 8)),
  damagedTiff('cut in the header', () => whole.subarray(0, 6)),
  damagedTiff('cut in the pixels, which hides the directory', () => cutAt(whole, 0.5)),
  damagedTiff('cut in the directory', () => whole.subarray(0, directory + 40)),
  damagedTiff('a directory behind the end', () => replaced(whole, 4, 0xff, 0xff, 0xff, 0x7f)),
  damagedTiff('a directory at 0', () => replaced(whole, 4, 0, 0, 0, 0)),
  damagedTiff('a directory of 65535 entries', () => replaced(whole, directory, 0xff, 0xff)),
  damagedTiff('no width', withTags({ 256: [0] })),
  damagedTiff('no height', withTags({ 257: [0] })),
  damagedTiff('strips behind the end', withTags({ 273: [1e6, 2e6, 3e6, 4e6, 5e6, 6e6] })),
  damagedTiff('strips of 4 GiB', withTags({ 279: new Array<number>(6).fill(2 ** 32 - 1) })),
  damagedTiff('fewer strips than rows need', withTags({ 273: [8], 279: [600] })),
  damagedTiff('compressed by what there is not', withTags({ 259: [9999] })),
  damagedTiff('no zlib in deflated strips', withTags({ 259: [8] })),
  damagedTiff('a taller image than there are rows', withTags({ 257: [300] })),
  damagedTiff('0 bits a sample', withTags({ 258: [0, 0, 0] })),
  damagedTiff('a kind of colour that there is not', withTags({ 262: [77] })),
  damagedTiff('tiles of 2^31 pixels', () =>
    buildTiff(samples, { tile: 16, tags: { 322: [2 ** 31], 323: [2 ** 31] } }),
  ),
  damagedTiff('10^10 pixels', withTags({ 256: [1e5], 257: [1e5] }), {
    error: 'limit',
    message: /100000 x 100000 pixels/,
  }),
  damagedTiff('2^31 pixels each way', withTags({ 256: [2 ** 31], 257: [2 ** 31] }), {
    error: 'limit',
    message: /2147483648 x 2147483648 pixels/,
  }),
  damagedTiff('floating point', () => buildTiff(scattered(8, 8, 3, 32), { sampleFormat: 3 }), {
    error: 'input',
    message: /samples of type float are not supported/,
  }),
  damagedTiff('whole numbers of 32 bits', () => buildTiff(scattered(8, 8, 1, 32)), {
    error: 'input',
    message: /samples of type (u?int|float) are not supported/,
  }),
  damagedTiff("a camera's DNG", withTags({ 50706: [0x00000401] }), {
    error: 'input',
    message: /camera's RAW file.*restore it as a burst/,
  }),
  damagedTiff("a camera's preview", withTags({ 254: [1], 330: [8] }), {
    error: 'input',
    message: /camera's RAW file/,
  }),
  damagedTiff(
    "a sensor's mosaic",
    () => buildTiff(scattered(8, 8, 1, 16), { photometric: 32803 }),
    {
      error: 'input',
      message: /camera's RAW file/,
    },
  ),
  damagedTiff('directories in a ring', ring, read(samples)),
  damagedTiff(
    'bytes behind the end',
    () => Buffer.concat([whole, Buffer.alloc(99, 1)]),
    read(samples),
  ),
  damagedTiff('a tag that nobody knows', withTags({ 64999: [1, 2, 3, 4, 5] }), read(samples)),
  ...[0.4, 0.8].map((share) =>
    damagedTiff(`deflated, cut at ${share}`, () =>
      cutAt(buildTiff(samples, { isDeflated: true }), share),
    ),
  ),
];

/** The second directory names the first as the next one. */
function ring(): Uint8Array {
  const pages = buildPages([
    { samples },
    { samples: scattered(4, 4, 3, 8), layout: { tags: { 254: [1] } } },
  ]);
  const bytes = Buffer.from(pages);
  const first = bytes.readUInt32LE(4);
  const second = bytes.readUInt32LE(first + 2 + 12 * bytes.readUInt16LE(first));
  bytes.writeUInt32LE(first, second + 2 + 12 * bytes.readUInt16LE(second));
  return bytes;
}
