import { displayP3, makeProfile, primaries, profileOf } from '../../colour/rgb-profile.js';
import { pngContainer } from '../../png.js';
import { type CorpusImage, keepingAll, read, scattered, smooth, turned } from './case.js';
import { buildPng } from './png-builder.js';
import { profileChunk, xmpChunk } from './png-cases.js';
import { buildTiff, type TiffValue } from './tiff-builder.js';

/** Profiles by name, with the channels that they are for. */
export const profiles = {
  'Display P3': displayP3(),
  'wide, gamma 2.2': makeProfile('wide', 563 / 256, primaries.adobe),
  'wider, gamma 1.8': makeProfile('wider', 1.8, primaries.romm),
  'widest, linear': makeProfile('linear', [0, 1], primaries.rec2020),
  'of tables': profileOf('RGB ', [
    ['A2B0', Buffer.concat([Buffer.from('mft2\0\0\0\0', 'latin1'), Buffer.alloc(200, 9)])],
    ['desc', Buffer.concat([Buffer.from('desc', 'latin1'), Buffer.alloc(92)])],
    ['wtpt', Buffer.concat([Buffer.from('XYZ ', 'latin1'), Buffer.alloc(16)])],
  ]),
} as const;

const greyProfile = makeProfile('grey', 1.8, 'grey');
const inkProfile = profileOf('CMYK', []);
const stored = scattered(9, 5, 3, 8);
const grey = scattered(9, 5, 1, 16);

/** An EXIF block of an orientation, a size and an artist. */
export function exifOf(orientation: number, size = { width: 9, height: 5 }): Buffer {
  const block = Buffer.alloc(98);
  block.write('MM\0*\0\0\0\x08\0\x04', 0, 'latin1');
  const entry = (at: number, tag: number, type: number, count: number, value: number) => {
    block.writeUInt16BE(tag, at);
    block.writeUInt16BE(type, at + 2);
    block.writeUInt32BE(count, at + 4);
    if (type === 3) block.writeUInt16BE(value, at + 8);
    else block.writeUInt32BE(value, at + 8);
  };
  entry(10, 0x0112, 3, 1, orientation);
  entry(22, 0x013b, 2, 10, 88);
  entry(34, 0x0100, 4, 1, size.width);
  entry(46, 0x8769, 4, 1, 62);
  block.writeUInt16BE(2, 62);
  entry(64, 0xa002, 3, 1, size.width);
  entry(76, 0xa003, 3, 1, size.height);
  block.write('A. Painter', 88, 'latin1');
  return block;
}

/** An XMP packet of an orientation, a size and a rating. */
export function xmpOf(orientation: number, size = { width: 9, height: 5 }): Buffer {
  return Buffer.from(
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">' +
      `<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="${orientation}" ` +
      `xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"><tiff:ImageWidth>${size.width}</tiff:ImageWidth>` +
      '</rdf:Description></rdf:RDF></x:xmpmeta>',
  );
}

const attached = { exif: 'A. Painter', xmp: 'xmp:Rating="4"' };

function inTiff(orientation: number, xmp: Uint8Array, icc: Uint8Array): Record<number, TiffValue> {
  return {
    274: [orientation],
    315: { type: 2, bytes: Buffer.from('A. Painter\0') },
    700: { type: 1, bytes: xmp },
    34675: { type: 7, bytes: icc },
  };
}

/** Files with profiles, EXIF, XMP and orientations, in every format that holds them. */
export const metadataCases: readonly CorpusImage[] = [
  ...Object.entries(profiles).map(([name, icc]) => ({
    name: `profile: ${name} in TIFF of 16 bits`,
    bytes: () => buildTiff(scattered(9, 5, 3, 16), { tags: { 34675: { type: 7, bytes: icc } } }),
    expected: { ...read(scattered(9, 5, 3, 16)), icc },
  })),
  ...(['Display P3', 'wide, gamma 2.2', 'widest, linear'] as const).map((name) => ({
    name: `profile: ${name} in PNG`,
    bytes: () => buildPng(stored, { before: [profileChunk(profiles[name])] }),
    expected: { ...read(stored), icc: profiles[name] },
  })),
  {
    name: 'profile: grey',
    bytes: () => buildPng(grey, { before: [profileChunk(greyProfile)] }),
    expected: { ...read(grey), icc: greyProfile },
  },
  {
    name: 'profile: for colours in a grey image',
    bytes: () => buildTiff(grey, { tags: { 34675: { type: 7, bytes: displayP3() } } }),
    expected: { ...read(grey), icc: 'none' },
  },
  {
    name: 'profile: for inks in an RGB image',
    bytes: () => buildTiff(stored, { tags: { 34675: { type: 7, bytes: inkProfile } } }),
    expected: { ...read(stored), icc: 'none' },
  },
  ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((orientation) => [
    {
      name: `orientation ${orientation} in PNG`,
      bytes: () =>
        buildPng(stored, {
          before: [['eXIf', exifOf(orientation)], xmpChunk(xmpOf(orientation))],
        }),
      expected: { ...turned(read(stored), orientation), ...attached },
    },
    {
      name: `orientation ${orientation} in TIFF`,
      bytes: () =>
        buildTiff(stored, { tags: inTiff(orientation, xmpOf(orientation), displayP3()) }),
      expected: { ...turned(read(stored), orientation), xmp: attached.xmp, icc: displayP3() },
    },
    {
      name: `orientation ${orientation} in JPEG`,
      bytes: () => withAll(orientation, 'jpeg'),
      expected: {
        ...turned(read(smooth(31, 18, 3)), orientation),
        ...attached,
        icc: displayP3(),
        tolerance: 0.02,
      },
    },
  ]),
  ...(['webp', 'avif'] as const).map((format) => ({
    name: `metadata in ${format}`,
    bytes: () => withAll(1, format),
    expected: { ...read(smooth(31, 18, 3)), ...attached, icc: displayP3(), tolerance: 0.06 },
  })),
  {
    name: 'orientation 9, which there is not',
    bytes: () => buildPng(stored, { before: [['eXIf', exifOf(9)]] }),
    expected: read(stored),
  },
  {
    name: 'EXIF that is none',
    bytes: () =>
      buildPng(stored, { before: [['eXIf', Buffer.from('II*\0\xff\xff\xff\x7f', 'latin1')]] }),
    expected: read(stored),
  },
];

/** A file with profile, EXIF and XMP from another encoder. */
function withAll(orientation: number, format: 'jpeg' | 'webp' | 'avif'): Promise<Buffer> {
  const image = smooth(31, 18, 3);
  const { width, height, values } = image;
  const source = pngContainer(
    { width, height, channels: 3, samples: Uint8Array.from(values) },
    {
      icc: displayP3(),
      exif: exifOf(orientation, image),
      xmp: xmpOf(orientation, image),
    },
  );
  const kept = keepingAll(source);
  if (format === 'jpeg') return kept.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
  return (
    format === 'webp' ? kept.webp({ quality: 95 }) : kept.avif({ quality: 90, effort: 0 })
  ).toBuffer();
}
