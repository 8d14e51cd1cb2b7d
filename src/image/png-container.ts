import { crc32, deflateSync } from 'node:zlib';

/** Interleaved samples of a picture. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 2 | 3 | 4;
  readonly samples: Uint8Array | Uint16Array;
}

const colourTypes = { 1: 0, 2: 4, 3: 2, 4: 6 } as const;

/** What a file holds besides its pixels, as it stands in the file. */
export interface PictureMetadata {
  readonly icc?: Uint8Array;
  readonly exif?: Uint8Array;
  readonly xmp?: Uint8Array;
}

/** What a PNG file says before its pixels. */
export interface PngHead extends Pick<Raster, 'width' | 'height' | 'channels'>, PictureMetadata {
  readonly bitDepth: 8 | 16;
}

/**
 * A PNG file with uncompressed pixels and metadata: the form in which an encoder can be handed both
 * together.
 */
export function pngContainer(raster: Raster, metadata: PictureMetadata): Uint8Array {
  const bitDepth = raster.samples.BYTES_PER_ELEMENT === 2 ? 16 : 8;
  return Buffer.concat([
    ...pngHead({ ...raster, ...metadata, bitDepth }),
    ...pngChunk('IDAT', deflateSync(scanLines(raster), { level: 0 })),
    ...pngChunk('IEND'),
  ]);
}

/** The signature and the chunks before the pixels. */
export function pngHead(head: PngHead): Uint8Array[] {
  const { width, height, bitDepth, channels, icc, exif, xmp } = head;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = bitDepth;
  header[9] = colourTypes[channels];
  return [
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    ...pngChunk('IHDR', header),
    ...(icc ? pngChunk('iCCP', Buffer.from('ICC\0\0', 'latin1'), deflateSync(icc)) : []),
    ...(exif ? pngChunk('eXIf', withoutPrefix(exif)) : []),
    ...(xmp ? pngChunk('iTXt', Buffer.from('XML:com.adobe.xmp\0\0\0\0\0', 'latin1'), xmp) : []),
  ];
}

/** A chunk with its length and check. */
export function pngChunk(type: string, ...parts: readonly Uint8Array[]): Uint8Array[] {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(parts.reduce((sum, part) => sum + part.length, 0));
  const tagged = [Buffer.from(type, 'latin1'), ...parts];
  const check = Buffer.alloc(4);
  check.writeUInt32BE(tagged.reduce((sum, part) => crc32(part, sum), 0));
  return [length, ...tagged, check];
}

/** Rows, each after a byte that says "not filtered"; 16-bit samples with the high byte first. */
export function scanLines({ width, height, channels, samples }: Raster): Uint8Array {
  const bytes = Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength);
  const pitch = width * channels * samples.BYTES_PER_ELEMENT;
  const lines = Buffer.alloc(height * (pitch + 1));
  for (let row = 0; row < height; row++) {
    const line = lines.subarray(row * (pitch + 1) + 1, (row + 1) * (pitch + 1));
    bytes.copy(line, 0, row * pitch, (row + 1) * pitch);
    if (samples.BYTES_PER_ELEMENT === 2) line.swap16();
  }
  return lines;
}

/** An EXIF block as a TIFF structure. */
export function withoutPrefix(exif: Uint8Array): Uint8Array {
  return Buffer.from(exif.subarray(0, 6)).toString('latin1') === 'Exif\0\0'
    ? exif.subarray(6)
    : exif;
}
