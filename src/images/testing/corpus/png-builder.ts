import { deflateSync } from 'node:zlib';
import { pngChunk } from '../../png.js';
import type { Samples } from './case.js';

/** How a PNG file is laid out; what is left out follows from the samples. */
export interface PngLayout {
  readonly colourType?: 0 | 2 | 3 | 4 | 6;
  /** Filter of every row. */
  readonly filter?: number;
  readonly isInterlaced?: boolean;
  /** Chunks between header and pixels. */
  readonly before?: readonly (readonly [type: string, content: Uint8Array])[];
  /** Bytes of each IDAT chunk; default: all in one. */
  readonly split?: number;
  /** What the header says instead of the truth. */
  readonly header?: { readonly width?: number; readonly height?: number; readonly bits?: number };
  /** Changes the filtered rows before they are compressed. */
  readonly change?: (rows: Buffer) => Buffer;
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const colourTypes = [0, 0, 4, 2, 6] as const;

/** A PNG file, made by this code alone. */
export function buildPng(samples: Samples, layout: PngLayout = {}): Buffer {
  const { width, height, channels, bits } = samples;
  const { colourType = colourTypes[channels]!, isInterlaced = false, before = [] } = layout;
  const { header = {}, change = (rows: Buffer) => rows } = layout;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(header.width ?? width, 0);
  head.writeUInt32BE(header.height ?? height, 4);
  head.set([header.bits ?? bits, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  const passes = isInterlaced ? adam7(samples) : [samples];
  const rows = Buffer.concat(passes.map((pass) => filtered(pass, layout.filter ?? 0)));
  const pixels = deflateSync(change(rows));
  const parts: Uint8Array[] = [];
  const { split = pixels.length } = layout;
  for (let at = 0; at < pixels.length; at += split)
    parts.push(...pngChunk('IDAT', pixels.subarray(at, at + split)));
  return Buffer.concat([
    signature,
    ...pngChunk('IHDR', head),
    ...before.flatMap(([type, content]) => pngChunk(type, content)),
    ...parts,
    ...pngChunk('IEND'),
  ]);
}

/** Rows of packed samples, each after the number of its filter. */
function filtered({ width, height, channels, bits, values }: Samples, filter: number): Buffer {
  const pitch = Math.ceil((width * channels * bits) / 8);
  const step = Math.max(1, (channels * bits) / 8);
  const lines = Buffer.alloc(height * (pitch + 1));
  let above = Buffer.alloc(pitch);
  for (let y = 0; y < height; y += 1) {
    const row = Buffer.alloc(pitch);
    for (let index = 0; index < width * channels; index += 1) {
      const value = values[y * width * channels + index]!;
      if (bits === 16) row.writeUInt16BE(value, 2 * index);
      else row[(index * bits) >> 3]! |= value << (8 - bits - ((index * bits) & 7));
    }
    lines[y * (pitch + 1)] = filter;
    for (let at = 0; at < pitch; at += 1) {
      const [left, up] = [row[at - step] ?? 0, above[at]!];
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, above[at - step] ?? 0)][filter];
      lines[y * (pitch + 1) + 1 + at] = row[at]! - (guess ?? 0);
    }
    above = row;
  }
  return lines;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [left, up, corner].map((value) => Math.abs(guess - value)) as [
    number,
    number,
    number,
  ];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}

/** The seven images that an interlaced file stores. */
function adam7({ width, height, channels, bits, values }: Samples): Samples[] {
  const starts = [
    [0, 0, 8, 8],
    [4, 0, 8, 8],
    [0, 4, 4, 8],
    [2, 0, 4, 4],
    [0, 2, 2, 4],
    [1, 0, 2, 2],
    [0, 1, 1, 2],
  ] as const;
  return starts.flatMap(([left, top, right, down]) => {
    const made: number[] = [];
    let rows = 0;
    for (let y = top; y < height; y += down, rows += 1)
      for (let x = left; x < width; x += right)
        for (let channel = 0; channel < channels; channel += 1)
          made.push(values[(y * width + x) * channels + channel]!);
    const count = rows === 0 ? 0 : made.length / channels / rows;
    if (count === 0) return [];
    return [{ width: count, height: rows, channels, bits, values: Uint16Array.from(made) }];
  });
}

/** A chunk of a PNG file by its place in bytes: where its length, content and check are. */
export function findChunk(
  png: Uint8Array,
  type: string,
): { at: number; content: number; end: number } {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.length);
  for (let at = 8; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const end = at + 12 + length;
    if (bytes.toString('latin1', at + 4, at + 8) === type) return { at, content: at + 8, end };
    at = end;
  }
  throw new Error(`no chunk ${type}`);
}
