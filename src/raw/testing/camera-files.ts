import { type DngEntry, text, tiffFile } from './tiff.js';

/** What a made-up DNG file says; everything but the mosaic has a default. */
export interface DngOptions {
  readonly phase?: 'RGGB' | 'BGGR' | 'GRBG' | 'GBRG';
  readonly compressed?: boolean;
  /** Cuts the mosaic into tiles of this side. */
  readonly tile?: number;
  readonly black?: readonly number[];
  readonly white?: number;
  readonly neutral?: readonly number[];
  readonly matrix?: readonly number[];
  readonly orientation?: number;
  readonly exposure?: number;
  readonly iso?: number;
  readonly aperture?: number;
  /** Top, left, bottom, right. */
  readonly activeArea?: readonly number[];
  /** Replaces entries by tag; an entry without values is left out. */
  readonly replaced?: readonly DngEntry[];
}

export interface Mosaic {
  readonly width: number;
  readonly height: number;
  readonly samples: Uint16Array;
}

// XYZ (D65) to camera, of the order of real ones.
export const usualMatrix = [0.8, -0.25, -0.06, -0.35, 1.2, 0.18, -0.06, 0.15, 0.55];

const colours = { R: 0, G: 1, B: 2 } as const;

/** A mosaic whose values tell their places apart. */
export function countingMosaic(width: number, height: number, first = 1000, step = 7): Mosaic {
  const samples = Uint16Array.from({ length: width * height }, (_, at) => first + step * at);
  return { width, height, samples };
}

/** A DNG file with one full-size RAW image in its first directory. */
export function dngFile(mosaic: Mosaic, options: DngOptions = {}): Uint8Array {
  const { width, height } = mosaic;
  const phase = options.phase ?? 'RGGB';
  const black = options.black ?? [0];
  const side = black.length === 4 ? 2 : 1;
  const exif: DngEntry[] = [
    { tag: 33434, type: 'rational', values: [options.exposure ?? 0.01] },
    { tag: 33437, type: 'rational', values: [options.aperture ?? 2.8] },
    { tag: 34855, type: 'short', values: [options.iso ?? 100] },
  ];
  const entries: DngEntry[] = [
    { tag: 254, type: 'long', values: [0] },
    { tag: 256, type: 'long', values: [width] },
    { tag: 257, type: 'long', values: [height] },
    { tag: 258, type: 'short', values: [16] },
    { tag: 259, type: 'short', values: [options.compressed ? 7 : 1] },
    { tag: 262, type: 'short', values: [32803] },
    text(271, 'Maker'),
    text(272, 'Model X'),
    { tag: 274, type: 'short', values: [options.orientation ?? 1] },
    { tag: 277, type: 'short', values: [1] },
    { tag: 284, type: 'short', values: [1] },
    ...pieces(mosaic, options),
    { tag: 33421, type: 'short', values: [2, 2] },
    {
      tag: 33422,
      type: 'byte',
      values: [...phase].map((letter) => colours[letter as keyof typeof colours]),
    },
    { tag: 34665, type: 'long', directories: [exif] },
    { tag: 50706, type: 'byte', values: [1, 4, 0, 0] },
    text(50708, 'Maker Model X'),
    { tag: 50713, type: 'short', values: [side, side] },
    { tag: 50714, type: 'long', values: black },
    { tag: 50717, type: 'long', values: [options.white ?? 65535] },
    { tag: 50721, type: 'srational', values: options.matrix ?? usualMatrix },
    { tag: 50728, type: 'rational', values: options.neutral ?? [0.5, 1, 0.625] },
    { tag: 50778, type: 'short', values: [21] },
    ...(options.activeArea
      ? [{ tag: 50829, type: 'long', values: options.activeArea } as const]
      : []),
  ];
  const replaced = options.replaced ?? [];
  const kept = entries.filter(({ tag }) => !replaced.some((entry) => entry.tag === tag));
  const filled = replaced.filter(
    ({ values, blobs, directories }) => values ?? blobs ?? directories,
  );
  return tiffFile([[...kept, ...filled]]);
}

function pieces(mosaic: Mosaic, { tile, compressed }: DngOptions): DngEntry[] {
  const { width, height } = mosaic;
  const side = tile ?? Math.max(width, height);
  const blobs: Uint8Array[] = [];
  for (let top = 0; top < height; top += side)
    for (let left = 0; left < width; left += side) {
      const box = tile === undefined ? { width, height } : { width: tile, height: tile };
      const cut = piece(mosaic, top, left, box.width, box.height);
      blobs.push(
        compressed ? losslessJpeg(cut, box.width, box.height) : new Uint8Array(cut.buffer),
      );
    }
  const sizes = blobs.map(({ length }) => length);
  if (tile === undefined)
    return [
      { tag: 273, type: 'long', blobs },
      { tag: 278, type: 'long', values: [height] },
      { tag: 279, type: 'long', values: sizes },
    ];
  return [
    { tag: 322, type: 'long', values: [tile] },
    { tag: 323, type: 'long', values: [tile] },
    { tag: 324, type: 'long', blobs },
    { tag: 325, type: 'long', values: sizes },
  ];
}

function piece(mosaic: Mosaic, top: number, left: number, width: number, height: number) {
  return Uint16Array.from({ length: width * height }, (_, at) => {
    const y = Math.min(top + Math.floor(at / width), mosaic.height - 1);
    const x = Math.min(left + (at % width), mosaic.width - 1);
    return mosaic.samples[y * mosaic.width + x]!;
  });
}

/** A file in the manner of a Nikon D300: uncompressed, held upright, without a maker's note. */
export function nefFile({ width, height, samples }: Mosaic): Uint8Array {
  return tiffFile([
    [
      { tag: 254, type: 'long', values: [1] },
      { tag: 256, type: 'long', values: [160] },
      { tag: 257, type: 'long', values: [120] },
      text(271, 'NIKON CORPORATION'),
      text(272, 'NIKON D300'),
      { tag: 274, type: 'short', values: [8] },
      {
        tag: 330,
        type: 'long',
        directories: [
          [
            { tag: 254, type: 'long', values: [0] },
            { tag: 256, type: 'long', values: [width] },
            { tag: 257, type: 'long', values: [height] },
            { tag: 258, type: 'short', values: [16] },
            { tag: 259, type: 'short', values: [1] },
            { tag: 262, type: 'short', values: [32803] },
            { tag: 273, type: 'long', blobs: [new Uint8Array(samples.buffer)] },
            { tag: 277, type: 'short', values: [1] },
            { tag: 278, type: 'long', values: [height] },
            { tag: 279, type: 'long', values: [samples.byteLength] },
            { tag: 33421, type: 'short', values: [2, 2] },
            { tag: 33422, type: 'byte', values: [0, 1, 1, 2] },
          ],
        ],
      },
    ],
  ]);
}

/**
 * Encodes 16-bit rows as a lossless JPEG (ITU-T T.81 process 14, predictor 1), the compression of
 * DNG files: each pair of neighbours is one sample of two components.
 */
export function losslessJpeg(samples: Uint16Array, width: number, height: number): Uint8Array {
  const segment = (marker: number, payload: readonly number[]) => [
    0xff,
    marker,
    (payload.length + 2) >> 8,
    (payload.length + 2) & 255,
    ...payload,
  ];
  const columns = width / 2;
  const frame = [16, height >> 8, height & 255, columns >> 8, columns & 255, 2];
  const categories = Array.from({ length: 17 }, (_, category) => category);
  // Seventeen codes of five bits each: category 16 is the code 16.
  const codes = [0, 0, 0, 0, 17, ...new Array<number>(11).fill(0)];
  const head = [
    ...[0xff, 0xd8],
    ...segment(0xc4, [0x00, ...codes, ...categories]),
    ...segment(0xc3, [...frame, 0, 0x11, 0, 1, 0x11, 0]),
    ...segment(0xda, [2, 0, 0x00, 1, 0x00, 1, 0, 0]),
  ];
  return Uint8Array.from([...head, ...entropy(samples, width, height), 0xff, 0xd9]);
}

function entropy(samples: Uint16Array, width: number, height: number): number[] {
  const bytes: number[] = [];
  let pending = 0;
  let bits = 0;
  const put = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) {
      pending = (pending << 1) | ((value >> bit) & 1);
      bits += 1;
      if (bits < 8) continue;
      bytes.push(pending);
      if (pending === 0xff) bytes.push(0);
      pending = 0;
      bits = 0;
    }
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const above = y > 0 ? samples[at - width]! : 1 << 15;
      const prediction = x < 2 ? above : samples[at - 2]!;
      const difference = ((samples[at]! - prediction) << 16) >> 16;
      const category = difference === -32768 ? 16 : 32 - Math.clz32(Math.abs(difference));
      put(category, 5);
      if (category < 16) put(difference < 0 ? difference - 1 : difference, category);
    }
  while (bits !== 0) put(1, 1);
  return bytes;
}
