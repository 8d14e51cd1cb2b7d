import type { CorpusImage } from './case.js';
import { jpegCases } from './jpeg-cases.js';
import { metadataCases } from './metadata-cases.js';
import { pngCases, pngDamage } from './png-cases.js';
import { tiffCases, tiffDamage } from './tiff-cases.js';
import { avifCases, webpCases } from './webp-avif-cases.js';

const heads: readonly (readonly [name: string, head: string, message: RegExp])[] = [
  ['empty', '', /the file is empty/],
  ['text', 'hello, I am no image', /this is no PNG, JPEG, WebP, TIFF or AVIF image/],
  ['zeros', '\0'.repeat(64), /this is no PNG/],
  ['GIF', 'GIF89a\x01\0\x01\0\0\0\0', /this is a GIF, no PNG/],
  ['BMP', 'BM\x46\0\0\0', /this is a BMP, no PNG/],
  ['Photoshop', '8BPS\0\x01', /this is a Photoshop file/],
  ['JPEG XL', '\xff\x0a\xfa', /this is a JPEG XL file/],
  ['JPEG XL in boxes', '\0\0\0\x0cJXL \r\n\x87\n', /this is a JPEG XL file/],
  ['JPEG 2000', '\0\0\0\x0cjP  \r\n\x87\n', /this is a JPEG 2000 file/],
  ['OpenEXR', 'v/1\x01\x02\0\0\0', /this is an OpenEXR file/],
  ['Radiance', '#?RADIANCE\n', /this is a Radiance file/],
  ['PDF', '%PDF-1.7', /this is a PDF/],
  ['SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>', /this is an XML or SVG file/],
  ['film', '\0\0\0\x18ftypisom\0\0\x02\0isomiso2', /this is a video/],
  ["Canon's RAW file", '\0\0\0\x18ftypcrx \0\0\0\x01crx isom', /this is a RAW file/],
  ["Fujifilm's RAW file", 'FUJIFILMCCD-RAW 0201', /this is a RAW file/],
  ['a WAV file', 'RIFF\x24\0\0\0WAVEfmt ', /this is no PNG/],
];

/** Files of other formats. */
export const foreignCases: readonly CorpusImage[] = heads.map(([name, head, message]) => ({
  name: `other: ${name}`,
  bytes: () => Buffer.from(head, 'latin1'),
  expected: { error: 'input', message },
}));

/** Every made-up file of the corpus. */
export const corpus: readonly CorpusImage[] = [
  ...pngCases,
  ...pngDamage,
  ...tiffCases,
  ...tiffDamage,
  ...jpegCases,
  ...webpCases,
  ...avifCases,
  ...metadataCases,
  ...foreignCases,
];
