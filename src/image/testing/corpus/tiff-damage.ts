import { type CorpusPicture, cutAt, read, replaced, scattered } from './case.js';
import { buildPages, buildTiff, type TiffLayout } from './tiff-builder.js';

const samples = scattered(40, 30, 3, 8);
const whole = buildTiff(samples, { rowsPerStrip: 5 });
const damaged = { error: 'input', message: /the TIFF data is damaged or cut off/ } as const;
const directory = whole.readUInt32LE(4);

function tiff(
  name: string,
  bytes: () => Uint8Array,
  expected: CorpusPicture['expected'] = damaged,
): CorpusPicture {
  return { name: `tiff: ${name}`, bytes, expected };
}

const withTags =
  (tags: TiffLayout['tags'], layout: TiffLayout = {}) =>
  () =>
    buildTiff(samples, { rowsPerStrip: 5, ...layout, tags: { ...tags } });

/** TIFF files that are broken in every part. */
export const tiffDamage: readonly CorpusPicture[] = [
  tiff('nothing but the header', () => whole.subarray(0, 8)),
  tiff('cut in the header', () => whole.subarray(0, 6)),
  tiff('cut in the pixels, which hides the directory', () => cutAt(whole, 0.5)),
  tiff('cut in the directory', () => whole.subarray(0, directory + 40)),
  tiff('a directory behind the end', () => replaced(whole, 4, 0xff, 0xff, 0xff, 0x7f)),
  tiff('a directory at 0', () => replaced(whole, 4, 0, 0, 0, 0)),
  tiff('a directory of 65535 entries', () => replaced(whole, directory, 0xff, 0xff)),
  tiff('no width', withTags({ 256: [0] })),
  tiff('no height', withTags({ 257: [0] })),
  tiff('strips behind the end', withTags({ 273: [1e6, 2e6, 3e6, 4e6, 5e6, 6e6] })),
  tiff('strips of 4 GiB', withTags({ 279: new Array<number>(6).fill(2 ** 32 - 1) })),
  tiff('fewer strips than rows need', withTags({ 273: [8], 279: [600] })),
  tiff('compressed by what there is not', withTags({ 259: [9999] })),
  tiff('no zlib in deflated strips', withTags({ 259: [8] })),
  tiff('a taller picture than there are rows', withTags({ 257: [300] })),
  tiff('0 bits a sample', withTags({ 258: [0, 0, 0] })),
  tiff('a kind of colour that there is not', withTags({ 262: [77] })),
  tiff('tiles of 2^31 pixels', () =>
    buildTiff(samples, { tile: 16, tags: { 322: [2 ** 31], 323: [2 ** 31] } }),
  ),
  tiff('10^10 pixels', withTags({ 256: [1e5], 257: [1e5] }), {
    error: 'limit',
    message: /100000 x 100000 pixels/,
  }),
  tiff('2^31 pixels each way', withTags({ 256: [2 ** 31], 257: [2 ** 31] }), {
    error: 'limit',
    message: /2147483648 x 2147483648 pixels/,
  }),
  tiff('floating point', () => buildTiff(scattered(8, 8, 3, 32), { sampleFormat: 3 }), {
    error: 'input',
    message: /samples of type float are not supported/,
  }),
  tiff('whole numbers of 32 bits', () => buildTiff(scattered(8, 8, 1, 32)), {
    error: 'input',
    message: /samples of type (u?int|float) are not supported/,
  }),
  tiff("a camera's DNG", withTags({ 50706: [0x00000401] }), {
    error: 'input',
    message: /camera's RAW file.*restore it as a burst/,
  }),
  tiff("a camera's preview", withTags({ 254: [1], 330: [8] }), {
    error: 'input',
    message: /camera's RAW file/,
  }),
  tiff("a sensor's mosaic", () => buildTiff(scattered(8, 8, 1, 16), { photometric: 32803 }), {
    error: 'input',
    message: /camera's RAW file/,
  }),
  tiff('directories in a ring', ring, read(samples)),
  tiff('bytes behind the end', () => Buffer.concat([whole, Buffer.alloc(99, 1)]), read(samples)),
  tiff('a tag that nobody knows', withTags({ 64999: [1, 2, 3, 4, 5] }), read(samples)),
  ...[0.4, 0.8].map((share) =>
    tiff(`deflated, cut at ${share}`, () => cutAt(buildTiff(samples, { isDeflated: true }), share)),
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
