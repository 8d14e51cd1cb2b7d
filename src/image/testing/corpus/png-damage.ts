import { deflateSync } from 'node:zlib';
import { pngChunk } from '../../png-container.js';
import {
  type CorpusPicture,
  cutAt,
  type ExpectedPicture,
  read,
  replaced,
  scattered,
} from './case.js';
import { buildPng, findChunk } from './png-builder.js';
import { profileChunk } from './png-cases.js';

const samples = scattered(40, 30, 3, 8);
const whole = buildPng(samples);
const good = read(samples);
const damaged = { error: 'input', message: /the PNG data is damaged or cut off/ } as const;
const data = findChunk(whole, 'IDAT');
const end = findChunk(whole, 'IEND');

function png(
  name: string,
  bytes: () => Uint8Array,
  expected: CorpusPicture['expected'] = damaged,
): CorpusPicture {
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
const plain: ExpectedPicture = { ...good, icc: 'none' };

/** PNG files that are broken in every part, and some whose faults harm nothing. */
export const pngDamage: readonly CorpusPicture[] = [
  png('cut in the signature', () => whole.subarray(0, 6), {
    error: 'input',
    message: /no PNG, JPEG/,
  }),
  png('nothing but the signature', () => whole.subarray(0, 8)),
  png('cut in the header', () => whole.subarray(0, 20)),
  png('nothing but the header', () => whole.subarray(0, 33)),
  png('cut before the pixels', () => whole.subarray(0, data.content)),
  ...[0.1, 0.5, 0.9].map((share) =>
    png(`cut at ${share} of the pixels`, () =>
      whole.subarray(0, data.content + Math.floor(share * (data.end - data.content - 4))),
    ),
  ),
  png('cut in the check of the pixels', () => whole.subarray(0, data.end - 2)),
  png('no pixels', () => Buffer.concat([whole.subarray(0, data.at), whole.subarray(end.at)])),
  png('a bit of the pixels', () =>
    replaced(whole, data.content + 99, whole[data.content + 99]! ^ 4),
  ),
  png(
    'the check of the pixels, which are whole',
    () => replaced(whole, data.end - 1, whole[data.end - 1]! ^ 1),
    good,
  ),
  png('the check of the header', () => replaced(whole, 32, whole[32]! ^ 1)),
  png('the first chunk is another', () => replaced(whole, 12, 0x49, 0x48, 0x44, 0x53)),
  png('a header of 12 bytes', () => replaced(whole, 11, 12)),
  png('a chunk of 4 GiB', () => replaced(whole, data.at, 0xff, 0xff, 0xff, 0xff)),
  png('a chunk of 2 GiB - 1', () => replaced(whole, data.at, 0x7f, 0xff, 0xff, 0xff)),
  png('no width', () => buildPng(samples, { header: { width: 0 } })),
  png('no height', () => buildPng(samples, { header: { height: 0 } })),
  png('3 bits a sample', () => buildPng(samples, { header: { bits: 3 } })),
  png('a taller picture than there are rows', () => buildPng(samples, { header: { height: 60 } })),
  png('a wider picture than rows are long', () => buildPng(samples, { header: { width: 80 } })),
  png('a filter that there is not', () => buildPng(samples, { filter: 7 })),
  png('a palette that is missing', () => buildPng(scattered(9, 9, 1, 8), { colourType: 3 })),
  png('compressed by no zlib', () => withPixels(replaced(compressed(), 0, 0, 0))),
  png('a bit of the compressed pixels with a right check', () =>
    withPixels(replaced(compressed(), 50, compressed()[50]! ^ 0x20)),
  ),
  png('compressed pixels that end early with a right check', () =>
    withPixels(compressed().subarray(0, 900)),
  ),
  png('rows that end early with all checks right', () =>
    buildPng(samples, { change: (rows) => rows.subarray(0, rows.length / 2) }),
  ),
  png('no end', () => whole.subarray(0, end.at), good),
  png('bytes behind the end', () => Buffer.concat([whole, Buffer.alloc(999, 7)]), good),
  png(
    'a profile that is none',
    () => buildPng(samples, { before: [profileChunk(Buffer.alloc(300))] }),
    plain,
  ),
  png(
    'a profile that is not compressed',
    () => buildPng(samples, { before: [['iCCP', Buffer.from('made\0\0nothing')]] }),
    plain,
  ),
  png(
    'a profile of 20 MB in 20 KB',
    () => buildPng(samples, { before: [profileChunk(Buffer.alloc(2e7))] }),
    plain,
  ),
  png(
    'a text of 20 MB in 20 KB',
    () => {
      const text = Buffer.concat([Buffer.from('Comment\0\0'), deflateSync(Buffer.alloc(2e7, 65))]);
      return buildPng(samples, { before: [['zTXt', text]] });
    },
    good,
  ),
  png('10^10 pixels', () => buildPng(samples, { header: { width: 1e5, height: 1e5 } }), {
    error: 'limit',
    message: /100000 x 100000 pixels, the limit is 268435456; raise `limits\.maxPixels/,
  }),
  png(
    '2^31 - 1 pixels each way',
    () => buildPng(samples, { header: { width: 2 ** 31 - 1, height: 2 ** 31 - 1 } }),
    {
      error: 'limit',
      message: /raise `limits\.maxPixels/,
    },
  ),
  png(
    'pixels of 20 MB in 20 KB, for a small picture',
    () => buildPng(samples, { change: (rows) => Buffer.concat([rows, Buffer.alloc(2e7)]) }),
    good,
  ),
  {
    ...png('a limit of pixels', () => whole, {
      error: 'limit',
      message: /40 x 30 pixels, the limit is 1199/,
    }),
    limits: { maxPixels: 1199 },
  },
  {
    ...png('a limit of bytes', () => whole, { error: 'limit', message: /raise `limits\.maxBytes/ }),
    limits: { maxBytes: whole.length - 1 },
  },
  {
    ...png('within all limits', () => whole, good),
    limits: { maxPixels: 1200, maxBytes: whole.length },
  },
  png('half of it, which hides the end', () => cutAt(whole, 0.5)),
];
