import type { AvifOptions } from 'sharp';
import { type CorpusPicture, cutAt, read, replaced, type Samples, smooth } from './case.js';
import { encoderFor } from './with-sharp.js';

const lossless = { lossless: true, effort: 0, chromaSubsampling: '4:4:4' } as const;
const picture = smooth(20, 12, 3);
const damaged = { error: 'input', message: /the AVIF data is damaged or cut off/ } as const;

function avif(name: string, samples: Samples, options: AvifOptions = {}): CorpusPicture {
  const isDeep = options.bitdepth !== undefined && options.bitdepth > 8;
  const { bitDepth: _depth, grey: _grey, ...own } = read(samples);
  return {
    name: `avif: ${name}`,
    bytes: () =>
      encoderFor(samples)
        .avif({ ...lossless, ...options })
        .toBuffer(),
    expected: {
      ...own,
      grey: false,
      bitDepth: isDeep ? 16 : 8,
      tolerance: isDeep ? 1 / (2 ** options.bitdepth! - 1) : 1e-6,
    },
  };
}

function changed(
  name: string,
  change: (bytes: Buffer) => Uint8Array,
  expected: CorpusPicture['expected'] = damaged,
): CorpusPicture {
  const whole = (): Promise<Buffer> => encoderFor(picture).avif(lossless).toBuffer();
  return { name: `avif: ${name}`, bytes: async () => change(await whole()), expected };
}

/** A box of an ISO base media file. */
function box(type: string, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(content.length + 8);
  head.write(type, 4, 'latin1');
  return Buffer.concat([head, content]);
}

/** A file of HEVC, as phones write them, whose pixels are made up. */
function heic(): Buffer {
  const text = (value: string): Buffer => Buffer.from(value, 'latin1');
  const full = Buffer.alloc(4);
  const handler = box('hdlr', full, full, text('pict'), Buffer.alloc(13));
  const item = box('infe', Buffer.from([2, 0, 0, 0, 0, 1, 0, 0]), text('hvc1\0'));
  const items = box('iinf', full, Buffer.from([0, 1]), item);
  const primary = box('pitm', full, Buffer.from([0, 1]));
  const size = box('ispe', full, Buffer.from([0, 0, 0, 8, 0, 0, 0, 8]));
  const properties = box(
    'iprp',
    box('ipco', size),
    box('ipma', full, Buffer.from([0, 0, 0, 1, 0, 1, 1, 1])),
  );
  const place = Buffer.from([0x44, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 4]);
  const places = box('iloc', full, place);
  return Buffer.concat([
    box('ftyp', text('heic'), full, text('mif1heic')),
    box('meta', full, handler, primary, places, items, properties),
    box('mdat', Buffer.alloc(64, 1)),
  ]);
}

/** The same file with no brand that says AVIF. */
function asHeif(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 8; at < copy.readUInt32BE(0); at += 4)
    if (copy.toString('latin1', at, at + 3) === 'avi') copy.write('mif1', at, 'latin1');
  return copy;
}

/** AVIF and HEIF files in order, and broken in every part. */
export const avifCases: readonly CorpusPicture[] = [
  avif('RGB', picture),
  avif('RGB and alpha', smooth(20, 12, 4)),
  avif('grey', smooth(20, 12, 1)),
  avif('17 x 1', smooth(17, 1, 3)),
  avif('RGB of 10 bits', smooth(20, 12, 3, 16), { bitdepth: 10 }),
  avif('RGB of 12 bits', smooth(20, 12, 3, 16), { bitdepth: 12 }),
  changed('nothing but brands', (bytes) => bytes.subarray(0, bytes.readUInt32BE(0))),
  changed('cut in the header', (bytes) => bytes.subarray(0, 100)),
  ...[0.5, 0.97].map((share) => changed(`cut at ${share}`, (bytes) => cutAt(bytes, share))),
  changed('no box of facts', (bytes) => replaced(bytes, bytes.indexOf('meta'), 0x6e)),
  changed('a box of 4 GiB', (bytes) =>
    replaced(bytes, bytes.indexOf('meta') - 4, 0xff, 0xff, 0xff, 0xff),
  ),
  changed('another codec', (bytes) => replaced(bytes, bytes.indexOf('av01'), 0x78, 0x78)),
  changed('pixels of zeros', (bytes) =>
    replaced(bytes, bytes.indexOf('mdat') + 4, ...new Array<number>(60).fill(0)),
  ),
  changed('brands of HEIF alone', asHeif, { ...read(picture), tolerance: 1e-6 }),
  {
    name: 'heif: HEVC',
    bytes: heic,
    expected: { error: 'input', message: /codec that the decoder here .* lacks.*save it as/ },
  },
  {
    name: 'heif: brands of no content',
    bytes: () => box('ftyp', Buffer.from('mif1\0\0\0\0mif1heic', 'latin1')),
    expected: { error: 'input', message: /the HEIF picture is damaged/ },
  },
];
