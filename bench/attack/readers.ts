import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeBurstPickle } from '../../src/datasets/bursts/pickle.js';
import { iccColourSpace } from '../../src/images/colour/icc-profile.js';
import { displayP3 } from '../../src/images/colour/rgb-profile.js';
import { workingColour } from '../../src/images/colour/working-colour.js';
import { decodeImageBytes } from '../../src/images/decode.js';
import { uprightExif, uprightXmp } from '../../src/images/metadata.js';
import { openImage } from '../../src/images/source.js';
import { scattered, smooth } from '../../src/images/testing/corpus/case.js';
import { buildTiff } from '../../src/images/testing/corpus/tiff-builder.js';
import { prepareDng } from '../../src/raw/dng.js';
import { completeLimits } from '../../src/raw/frame.js';
import { openRawDecoder, type RawDecoder } from '../../src/raw/libraw/raw-decoder.js';
import { sidecarSchema } from '../../src/raw/mosaic-file.js';
import { countingMosaic, dngFile } from '../../src/raw/testing/camera-files.js';
import { parseManifest } from '../../src/restoration/index.js';
import { madeUpManifest } from '../../src/restoration/testing/packs.js';
import { decodePyTorch } from '../../src/tensor/pytorch/decode-pytorch.js';
import { goodFile, withPickle } from '../../src/tensor/pytorch/testing/files.js';
import { openZip } from '../../src/tensor/pytorch/zip.js';
import { encodeSafetensors } from '../../src/tensor/safetensors.js';
import { tensor } from '../../src/tensor/tensor.js';
import { safetensorsFile } from '../../src/tensor/testing/hostile-files.js';
import { InputError } from '../../src/utils/errors.js';
import { decodeState } from '../../src/weights/load-checkpoint.js';
import { decodeOnnx } from '../../src/weights/onnx/decode-onnx.js';
import { model, smallGraph } from '../../src/weights/onnx/testing/models.js';
import {
  type Change,
  changedBehind,
  changedJpeg,
  changedJson,
  changedPng,
  changedRiff,
  type Draw,
} from './chunked.js';

/** Something that reads files of strangers. */
export interface Reader {
  readonly name: string;
  /** Good files, of at most 64 KB each. */
  readonly bases: () => Promise<readonly Uint8Array[]>;
  /** A changed file whose outer form, lengths and sums are right; default: any change. */
  readonly changed?: (base: Uint8Array, draw: Draw, change: Change) => Uint8Array;
  /** Bytes that mean something in the format. */
  readonly interesting: readonly number[];
  /** Reads as far as the header; whatever it throws, the case did not get past that. */
  readonly header: (bytes: Uint8Array) => unknown;
  readonly read: (bytes: Uint8Array) => unknown;
  readonly close?: () => Promise<void>;
}

const NAME = 'attack';
const limits = { maxPixels: 2 ** 22, maxBytes: 2 ** 20 };
const usual = [0, 1, 2, 4, 0x7f, 0x80, 0xfe, 0xff];
const pixels = Uint8Array.from({ length: 3 * 48 * 36 }, (_, at) => (at * 7919) >>> 5);
const plain = () => sharp(pixels, { raw: { width: 48, height: 36, channels: 3 } });
const image = (
  name: string,
  bases: Reader['bases'],
  changed?: NonNullable<Reader['changed']>,
): Reader => ({
  name,
  bases,
  ...(changed && { changed }),
  interesting: usual,
  header: (bytes) => openImage(bytes, NAME, limits),
  read: (bytes) => decodeImageBytes(bytes, NAME, limits),
});

const raw = completeLimits({ maxPixels: 2 ** 22, maxMilliseconds: 10_000 });
let decoder: RawDecoder | undefined;

/** All readers of files of strangers. */
export const readers: readonly Reader[] = [
  image(
    'png',
    async () => [
      await plain().png().toBuffer(),
      await plain().png({ palette: true }).toBuffer(),
      await plain().png({ progressive: true }).withIccProfile('p3').toBuffer(),
    ],
    changedPng,
  ),
  image(
    'jpeg',
    async () => [
      await plain().jpeg().toBuffer(),
      await plain().jpeg({ progressive: true }).toBuffer(),
      await plain().toColourspace('cmyk').jpeg().toBuffer(),
    ],
    changedJpeg,
  ),
  image(
    'webp',
    async () => [
      await plain().webp().toBuffer(),
      await plain().ensureAlpha(0.5).webp({ lossless: true }).toBuffer(),
    ],
    changedRiff,
  ),
  image(
    'tiff',
    async () => [
      buildTiff(scattered(20, 12, 3, 8)),
      buildTiff(smooth(16, 16, 1, 16)),
      await plain().tiff({ compression: 'lzw' }).toBuffer(),
      await plain().tiff({ compression: 'jpeg', tile: true }).toBuffer(),
    ],
    (base, _, change) => changedBehind(base, 8, change),
  ),
  image(
    'avif',
    async () => [await plain().avif({ effort: 0 }).toBuffer()],
    (base, _, change) => changedBehind(base, 32, change),
  ),
  {
    name: 'dng',
    bases: async () => [
      dngFile(countingMosaic(48, 32)),
      dngFile(countingMosaic(48, 32), { compressed: true }),
      dngFile(countingMosaic(48, 32), { compressed: true, tile: 16 }),
    ],
    changed: (base, _, change) => changedBehind(base, 8, change),
    interesting: usual,
    header: (bytes) => prepareDng(NAME, Uint8Array.from(bytes), raw.maxPixels),
    read: (bytes) => {
      const own = Uint8Array.from(bytes);
      prepareDng(NAME, own, raw.maxPixels);
      decoder ??= openRawDecoder();
      return decoder.decode(NAME, own, raw);
    },
    close: async () => {
      await decoder?.close();
      decoder = undefined;
    },
  },
  {
    name: 'pytorch',
    bases: async () => ['zip', 'params-ema', 'lightning', 'protocol-4', 'legacy'].map(goodFile),
    changed: (base, _, change) =>
      base[0] === 0x50 ? withPickleOf(base, change) : changedBehind(base, 2, change),
    interesting: [0, 0x28, 0x2e, 0x52, 0x71, 0x80, 0x8a, 0x94, 0xff],
    header: (bytes) => {
      if (bytes[0] === 0x50) return openZip(bytes, NAME);
      if (bytes[0] !== 0x80) throw new InputError(NAME, 'is no checkpoint');
      return undefined;
    },
    read: (bytes) => decodePyTorch(bytes, NAME),
  },
  {
    name: 'safetensors',
    bases: async () => [
      encodeSafetensors(
        new Map([
          ['a', tensor([2, 3])],
          ['b.weight', tensor([4])],
        ]),
      ),
    ],
    changed: (base, draw) => {
      const end = 8 + new DataView(base.buffer, base.byteOffset).getUint32(0, true);
      return safetensorsFile(changedJson(base.subarray(8, end), draw), base.subarray(end));
    },
    interesting: [0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d, 0x30, 0x39],
    header: (bytes) => {
      const start = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      JSON.parse(Buffer.from(bytes.subarray(8, start)).toString('utf8'));
    },
    read: (bytes) => decodeState(bytes, NAME),
  },
  {
    name: 'onnx',
    bases: async () => [
      model(),
      model({ ...smallGraph, name: 'other' }, { producerVersion: '1' }),
      await readFile(
        new URL('../../src/restoration/testing/exported-by-pytorch.onnx', import.meta.url),
      ).then((bytes) => bytes.subarray(0, 65_536)),
    ],
    changed: (base, _, change) => changedBehind(base, 4, change),
    interesting: [0, 1, 0x08, 0x0a, 0x12, 0x1a, 0x22, 0x2a, 0x3a, 0x7f, 0x80, 0xff],
    header: (bytes) => {
      if (bytes[0] !== 0x08) throw new InputError(NAME, 'is no ONNX file');
    },
    read: (bytes) => decodeOnnx(bytes, NAME),
  },
  {
    name: 'burst pickle',
    bases: async () => [
      Buffer.from(
        '\x80\x02}(X\x03\0\0\0oneG?\xf0\0\0\0\0\0\0X\x03\0\0\0two](K\x01K\x02eu.',
        'latin1',
      ),
    ],
    changed: (base, _, change) => changedBehind(base, 2, change),
    interesting: [0, 0x28, 0x2e, 0x47, 0x52, 0x58, 0x5d, 0x65, 0x71, 0x75, 0x7d, 0x80, 0xff],
    header: (bytes) => {
      if (bytes[0] !== 0x80) throw new InputError(NAME, 'is no pickle');
    },
    read: (bytes) => decodeBurstPickle(bytes, NAME),
  },
  {
    name: 'manifest',
    bases: async () => [Buffer.from(JSON.stringify(madeUpManifest({ task: 'sr4' } as never)))],
    changed: changedJson,
    interesting: [0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d],
    header: parsed,
    read: (bytes) => parseManifest(parsed(bytes), NAME),
  },
  {
    name: 'sidecar',
    bases: async () => [
      Buffer.from(
        '{"black":[64,64,64,64],"white":1023,"phase":"GRBG","gains":{"red":2,"blue":1.5}}',
      ),
    ],
    changed: changedJson,
    interesting: [0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d],
    header: parsed,
    read: (bytes) => {
      if (!sidecarSchema.safeParse(parsed(bytes)).success) throw new InputError(NAME, 'is none');
    },
  },
  {
    name: 'profile',
    bases: async () => [displayP3()],
    changed: (base, _, change) => changedBehind(base, 128, change),
    interesting: usual,
    header: (bytes) => {
      if (iccColourSpace(bytes) !== 'rgb') throw new InputError(NAME, 'is no profile of RGB');
    },
    read: (bytes) => {
      if (workingColour(bytes) === undefined) throw new InputError(NAME, 'is no curve and matrix');
    },
  },
  {
    name: 'exif',
    bases: async () => [await exifOf(), Buffer.from('<x:xmpmeta tiff:Orientation="6"/>')],
    interesting: usual,
    header: () => undefined,
    read: (bytes) => [uprightExif(bytes), uprightXmp(bytes)],
  },
];

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new InputError(NAME, 'is not JSON', { cause });
  }
}

async function exifOf(): Promise<Uint8Array> {
  const jpeg = await plain()
    .jpeg()
    .withExif({ IFD0: { Orientation: '6', Make: 'x' } })
    .toBuffer();
  return (await sharp(jpeg).metadata()).exif!;
}

function withPickleOf(base: Uint8Array, change: Change): Uint8Array {
  const name = ['zip', 'params-ema', 'lightning', 'protocol-4'].find((one) =>
    Buffer.from(goodFile(one)).equals(base),
  );
  return withPickle(name!, change);
}
