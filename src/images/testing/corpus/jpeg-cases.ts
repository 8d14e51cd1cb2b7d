import type { JpegOptions } from 'sharp';
import sharp from 'sharp';
import {
  type CorpusImage,
  cutAt,
  encoderFor,
  read,
  replaced,
  type Samples,
  smooth,
} from './case.js';

const fine: JpegOptions = { quality: 100, chromaSubsampling: '4:4:4' };
const image = smooth(45, 33, 3);
const near = { ...read(image), tolerance: 0.02 };
const damaged = { error: 'input', message: /the JPEG data is damaged or cut off/ } as const;
const whole = (): Promise<Buffer> => encoderFor(image).jpeg(fine).toBuffer();

function jpeg(
  name: string,
  samples: Samples,
  options: JpegOptions = {},
  tolerance = 0.02,
): CorpusImage {
  return {
    name: `jpeg: ${name}`,
    bytes: () =>
      encoderFor(samples)
        .jpeg({ ...fine, ...options })
        .toBuffer(),
    expected: { ...read(samples), tolerance },
  };
}

/** A file that is changed after it was made. */
function changed(
  name: string,
  change: (bytes: Buffer) => Uint8Array,
  expected: CorpusImage['expected'] = damaged,
): CorpusImage {
  return { name: `jpeg: ${name}`, bytes: async () => change(await whole()), expected };
}

const marker = (bytes: Buffer, code: number): number => bytes.indexOf(Buffer.from([0xff, code]));
const inserted = (bytes: Buffer, at: number, more: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

/** Without the first segment of a kind. */
function without(bytes: Buffer, code: number): Buffer {
  const at = marker(bytes, code);
  return Buffer.concat([
    bytes.subarray(0, at),
    bytes.subarray(at + 2 + bytes.readUInt16BE(at + 2)),
  ]);
}

const [SOF, DHT, DQT, SOS] = [0xc0, 0xc4, 0xdb, 0xda];

/** JPEG files in order, and broken in every part. */
export const jpegCases: readonly CorpusImage[] = [
  jpeg('RGB', image),
  jpeg('grey', smooth(45, 33, 1)),
  jpeg('halved colours', image, { chromaSubsampling: '4:2:0' }, 0.05),
  jpeg('progressive', image, { progressive: true }),
  jpeg('coarse', image, { quality: 40 }, 0.1),
  ...[
    [1, 1],
    [1, 17],
    [17, 1],
    [9, 8],
    [30000, 2],
    [2, 30000],
  ].map(([width, height]) => jpeg(`${width} x ${height}`, smooth(width!, height!, 3))),
  {
    name: 'jpeg: inks',
    bytes: () =>
      sharp({ create: { width: 9, height: 9, channels: 3, background: '#fff' } })
        .toColourspace('cmyk')
        .jpeg(fine)
        .toBuffer(),
    expected: {
      ...{ width: 9, height: 9, bitDepth: 8, grey: false, hasAlpha: false, tolerance: 0.03 },
      at: () => 1,
    },
  },
  changed('nothing but a beginning', (bytes) => bytes.subarray(0, 4)),
  changed('cut in the tables', (bytes) => bytes.subarray(0, marker(bytes, DQT) + 9)),
  changed('cut in the header', (bytes) => bytes.subarray(0, marker(bytes, SOF) + 6)),
  changed('cut before the pixels', (bytes) => bytes.subarray(0, marker(bytes, SOS))),
  ...[0.2, 0.6, 0.97].map((share) =>
    changed(`cut at ${share} of the pixels`, (bytes) => {
      const start = marker(bytes, SOS);
      return bytes.subarray(0, start + Math.floor(share * (bytes.length - start)));
    }),
  ),
  changed('no end', (bytes) => bytes.subarray(0, bytes.length - 2)),
  changed('pixels that are no code', (bytes) => {
    const start = marker(bytes, SOS) + 60;
    return replaced(bytes, start, ...new Array<number>(40).fill(0x7f));
  }),
  changed('a marker among the pixels', (bytes) =>
    replaced(bytes, marker(bytes, SOS) + 90, 0xff, 0xd3),
  ),
  changed('no header', (bytes) => without(bytes, SOF)),
  changed('a code without its table', (bytes) => without(bytes, DHT)),
  changed('pixels without their steps', (bytes) => without(bytes, DQT)),
  changed('a taller image than there is', (bytes) =>
    replaced(bytes, marker(bytes, SOF) + 5, 0, 120),
  ),
  changed('no width', (bytes) => replaced(bytes, marker(bytes, SOF) + 7, 0, 0)),
  changed('a table that is too long', (bytes) =>
    replaced(bytes, marker(bytes, DHT) + 2, 0xff, 0xff),
  ),
  changed('12 bits a sample', (bytes) => replaced(bytes, marker(bytes, SOF) + 4, 12)),
  changed(
    '65500 x 65500 pixels',
    (bytes) => replaced(bytes, marker(bytes, SOF) + 5, 0xff, 0xdc, 0xff, 0xdc),
    { error: 'limit', message: /65500 x 65500 pixels/ },
  ),
  changed(
    'bytes before the pixels',
    (bytes) => inserted(bytes, marker(bytes, SOS), Buffer.alloc(7)),
    near,
  ),
  changed('bytes behind the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(500, 9)]), near),
  changed(
    'zeros before the end',
    (bytes) => inserted(bytes, bytes.length - 2, Buffer.alloc(30)),
    near,
  ),
  changed(
    'a comment of 65533 bytes',
    (bytes) =>
      inserted(
        bytes,
        2,
        Buffer.concat([Buffer.from([0xff, 0xfe, 0xff, 0xff]), Buffer.alloc(65533)]),
      ),
    near,
  ),
  changed('a PNG after it', (bytes) => Buffer.concat([bytes, Buffer.from('\x89PNG')]), near),
  changed('half', (bytes) => cutAt(bytes, 0.5)),
];
