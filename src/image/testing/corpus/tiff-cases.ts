import { type CorpusPicture, type ExpectedPicture, read, type Samples, scattered } from './case.js';
import { buildPages, buildTiff, type TiffLayout } from './tiff-builder.js';

function tiff(
  name: string,
  samples: Samples,
  layout: TiffLayout = {},
  expected: CorpusPicture['expected'] = read(samples),
): CorpusPicture {
  return { name: `tiff: ${name}`, bytes: () => buildTiff(samples, layout), expected };
}

const small = (channels: number, bits: number): Samples => scattered(13, 7, channels, bits);

/** TIFF files in order, of every kind. */
export const tiffCases: readonly CorpusPicture[] = [
  ...[1, 2, 4, 8, 16].map((bits) => tiff(`grey of ${bits} bits`, small(1, bits))),
  ...[1, 4, 8, 16].map((bits) => {
    const samples = small(1, bits);
    const { at, ...plain } = read(samples);
    const inverted: ExpectedPicture = { ...plain, at: (x, y, c) => 1 - at!(x, y, c) };
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
function premultiplied(bits: 8 | 16): CorpusPicture {
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

function palette(): CorpusPicture {
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
function inks(bits: 8 | 16, hasAlpha: boolean): CorpusPicture {
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
