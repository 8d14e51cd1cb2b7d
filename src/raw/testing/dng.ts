import { losslessJpeg } from './lossless-jpeg.js';
import { type TiffEntry, text, tiffFile } from './tiff.js';

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
  readonly replaced?: readonly TiffEntry[];
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

/** A DNG file with one full-size RAW picture in its first directory. */
export function dngFile(mosaic: Mosaic, options: DngOptions = {}): Uint8Array {
  const { width, height } = mosaic;
  const phase = options.phase ?? 'RGGB';
  const black = options.black ?? [0];
  const side = black.length === 4 ? 2 : 1;
  const exif: TiffEntry[] = [
    { tag: 33434, type: 'rational', values: [options.exposure ?? 0.01] },
    { tag: 33437, type: 'rational', values: [options.aperture ?? 2.8] },
    { tag: 34855, type: 'short', values: [options.iso ?? 100] },
  ];
  const entries: TiffEntry[] = [
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

function pieces(mosaic: Mosaic, { tile, compressed }: DngOptions): TiffEntry[] {
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
