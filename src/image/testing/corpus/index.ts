import { avifCases } from './avif-cases.js';
import type { CorpusPicture } from './case.js';
import { foreignCases } from './foreign-cases.js';
import { jpegCases } from './jpeg-cases.js';
import { metadataCases } from './metadata-cases.js';
import { pngCases } from './png-cases.js';
import { pngDamage } from './png-damage.js';
import { tiffCases } from './tiff-cases.js';
import { tiffDamage } from './tiff-damage.js';
import { webpCases } from './webp-cases.js';

/** Every made-up file of the corpus. */
export const corpus: readonly CorpusPicture[] = [
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
