import sharp, { type WebpOptions } from 'sharp';
import {
  type CorpusPicture,
  cutAt,
  read,
  replaced,
  type Samples,
  scattered,
  smooth,
} from './case.js';
import { encoderFor } from './with-sharp.js';

const picture = scattered(37, 22, 4, 8);
const damaged = { error: 'input', message: /the WEBP data is damaged or cut off/ } as const;
const lossless = { lossless: true, exact: true, effort: 0 } as const;

function webp(name: string, samples: Samples, options: WebpOptions = lossless): CorpusPicture {
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

function changed(
  name: string,
  change: (bytes: Buffer) => Uint8Array,
  expected: CorpusPicture['expected'] = damaged,
  made: () => Promise<Buffer> = () => encoderFor(picture).webp(lossless).toBuffer(),
): CorpusPicture {
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
    .webp({ ...lossless, delay: [100, 100, 100] })
    .toBuffer();
}

/** WebP files in order, and broken in every part. */
export const webpCases: readonly CorpusPicture[] = [
  webp('RGB, lossless', scattered(37, 22, 3, 8)),
  webp('RGB and alpha, lossless', picture),
  webp('grey, lossless', scattered(9, 8, 1, 8)),
  webp('RGB', smooth(37, 22, 3), { quality: 95 }),
  webp('RGB and alpha', smooth(37, 22, 4), { quality: 95 }),
  webp('1 x 1', scattered(1, 1, 3, 8)),
  webp('16383 x 2', scattered(16383, 2, 3, 8)),
  changed('nothing but the mark', (bytes) => bytes.subarray(0, 12)),
  changed('cut in the header', (bytes) => bytes.subarray(0, 22)),
  ...[0.3, 0.7, 0.98].map((share) => changed(`cut at ${share}`, (bytes) => cutAt(bytes, share))),
  changed('lossy, cut in half', (bytes) => cutAt(bytes, 0.5), damaged, lossy),
  changed('no mark of the pixels', (bytes) => replaced(bytes, bytes.indexOf('VP8L') + 8, 0)),
  changed('a chunk of 4 GiB', (bytes) =>
    replaced(bytes, bytes.indexOf('VP8L') + 4, 0xff, 0xff, 0xff, 0xff),
  ),
  changed('a chunk of no bytes', (bytes) => replaced(bytes, bytes.indexOf('VP8L') + 4, 0, 0, 0, 0)),
  changed('a chunk of another name', (bytes) => replaced(bytes, 12, 0x41, 0x42, 0x43, 0x44)),
  changed('bytes behind the end', (bytes) => Buffer.concat([bytes, Buffer.alloc(50)]), {
    ...read(picture),
  }),
  changed('three frames', (bytes) => bytes, { error: 'limit', message: /3 frames/ }, frames),
  {
    ...changed(
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
