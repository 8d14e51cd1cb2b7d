import type { AvifOptions, WebpOptions } from 'sharp';
import sharp from 'sharp';
import {
  type CorpusImage,
  cutAt,
  encoderFor,
  read,
  replaced,
  type Samples,
  scattered,
  smooth,
} from './case.js';

const webpSamples = scattered(37, 22, 4, 8);
const damagedWebp = { error: 'input', message: /the WEBP data is damaged or cut off/ } as const;
const losslessWebp = { lossless: true, exact: true, effort: 0 } as const;

function webp(name: string, samples: Samples, options: WebpOptions = losslessWebp): CorpusImage {
  const isExact = options.lossless === true;
  const { grey: _grey, ...own } = read(samples);
  return {
    name: `webp: ${name}`,
    bytes: () =>
      encoderFor(samples)
        .webp({ effort: 0, ...options })
        .toBuffer(),
    // The format has no grey.
    expected: { ...own, grey: false, tolerance: isExact ? 1e-6 : 0.06 },
  };
}

function changedWebp(
  name: string,
  change: (bytes: Buffer) => Uint8Array,
  expected: CorpusImage['expected'] = damagedWebp,
  made: () => Promise<Buffer> = () => encoderFor(webpSamples).webp(losslessWebp).toBuffer(),
): CorpusImage {
  return { name: `webp: ${name}`, bytes: async () => change(await made()), expected };
}

const lossy = (): Promise<Buffer> =>
  encoderFor(smooth(64, 48, 3))
    .webp({ effort: 0 })
    .toBuffer();

/** An animation of three frames. */
async function frames(): Promise<Buffer> {
  const made = ['#f00', '#0f0', '#00f'].map((background) =>
    sharp({ create: { width: 6, height: 4, channels: 3, background } })
      .png()
      .toBuffer(),
  );
  return sharp(await Promise.all(made), { join: { animated: true } })
    .webp({ ...losslessWebp, delay: [100, 100, 100] })
    .toBuffer();
}

/** WebP files in order, and broken in every part. */
export const webpCases: readonly CorpusImage[] = [
  webp('RGB, lossless', scattered(37, 22, 3, 8)),
  webp('RGB and alpha, lossless', webpSamples),
  webp('grey, lossless', scattered(9, 8, 1, 8)),
  webp('RGB', smooth(37, 22, 3), { quality: 95 }),
  webp('RGB and alpha', smooth(37, 22, 4), { quality: 95 }),
  webp('1 x 1', scattered(1, 1, 3, 8)),
  webp('16383 x 2', scattered(16383, 2, 3, 8)),
  changedWebp('nothing but the mark', (bytes) => bytes.subarray(0, 12)),
  changedWebp('cut in the header', (bytes) => bytes.subarray(0, 22)),
  ...[0.3, 0.7, 0.98].map((share) =>
    changedWebp(`cut at ${share}`, (bytes) => cutAt(bytes, share)),
  ),
  changedWebp('lossy, cut in half', (bytes) => cutAt(bytes, 0.5), damagedWebp, lossy),
  changedWebp('no mark of the pixels', (bytes) => replaced(bytes, bytes.indexOf('VP8L') + 8, 0)),
  changedWebp('a chunk of 4 GiB', (bytes) =>
    replaced(bytes, bytes.indexOf('VP8L') + 4, 0xff, 0xff, 0xff, 0xff),
  ),
  changedWebp('a chunk of no bytes', (bytes) =>
    replaced(bytes, bytes.indexOf('VP8L') + 4, 0, 0, 0, 0),
  ),
  changedWebp('a chunk of another name', (bytes) => replaced(bytes, 12, 0x41, 0x42, 0x43, 0x44)),
  changedWebp('bytes behind the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(50)]), {
    ...read(webpSamples),
  }),
  changedWebp('three frames', (bytes) => bytes, { error: 'limit', message: /3 frames/ }, frames),
  {
    ...changedWebp(
      'the first of three frames',
      (bytes) => bytes,
      {
        ...{ width: 6, height: 4, bitDepth: 8, grey: false, hasAlpha: false },
        at: (_x, _y, channel) => (channel === 0 ? 1 : 0),
      },
      frames,
    ),
    limits: { maxFrames: 3 },
  },
];

const losslessAvif = { lossless: true, effort: 0, chromaSubsampling: '4:4:4' } as const;
const avifSamples = smooth(20, 12, 3);
const damagedAvif = { error: 'input', message: /the AVIF data is damaged or cut off/ } as const;

function avif(name: string, samples: Samples, options: AvifOptions = {}): CorpusImage {
  const isDeep = options.bitdepth !== undefined && options.bitdepth > 8;
  const { bitDepth: _depth, grey: _grey, ...own } = read(samples);
  return {
    name: `avif: ${name}`,
    bytes: () =>
      encoderFor(samples)
        .avif({ ...losslessAvif, ...options })
        .toBuffer(),
    expected: {
      ...own,
      grey: false,
      bitDepth: isDeep ? 16 : 8,
      tolerance: isDeep ? 1 / (2 ** options.bitdepth! - 1) : 1e-6,
    },
  };
}

function changedAvif(
  name: string,
  change: (bytes: Buffer) => Uint8Array,
  expected: CorpusImage['expected'] = damagedAvif,
): CorpusImage {
  const whole = (): Promise<Buffer> => encoderFor(avifSamples).avif(losslessAvif).toBuffer();
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
export const avifCases: readonly CorpusImage[] = [
  avif('RGB', avifSamples),
  avif('RGB and alpha', smooth(20, 12, 4)),
  avif('grey', smooth(20, 12, 1)),
  avif('17 x 1', smooth(17, 1, 3)),
  avif('RGB of 10 bits', smooth(20, 12, 3, 16), { bitdepth: 10 }),
  avif('RGB of 12 bits', smooth(20, 12, 3, 16), { bitdepth: 12 }),
  changedAvif('nothing but brands', (bytes) => bytes.subarray(0, bytes.readUInt32BE(0))),
  changedAvif('cut in the header', (bytes) => bytes.subarray(0, 100)),
  ...[0.5, 0.97].map((share) => changedAvif(`cut at ${share}`, (bytes) => cutAt(bytes, share))),
  changedAvif('no box of facts', (bytes) => replaced(bytes, bytes.indexOf('meta'), 0x6e)),
  changedAvif('a box of 4 GiB', (bytes) =>
    replaced(bytes, bytes.indexOf('meta') - 4, 0xff, 0xff, 0xff, 0xff),
  ),
  changedAvif('another codec', (bytes) => replaced(bytes, bytes.indexOf('av01'), 0x78, 0x78)),
  changedAvif('pixels of zeros', (bytes) =>
    replaced(bytes, bytes.indexOf('mdat') + 4, ...new Array<number>(60).fill(0)),
  ),
  changedAvif('brands of HEIF alone', asHeif, { ...read(avifSamples), tolerance: 1e-6 }),
  {
    name: 'heif: HEVC',
    bytes: heic,
    expected: { error: 'input', message: /codec that the decoder here .* lacks.*save it as/ },
  },
  {
    name: 'heif: brands of no content',
    bytes: () => box('ftyp', Buffer.from('mif1\0\0\0\0mif1heic', 'latin1')),
    expected: { error: 'input', message: /the HEIF image is damaged/ },
  },
];
