import type { CatalogueRecord } from './catalogue-entry.js';

/** Denoisers of a known noise level. */
export const denoisers: readonly CatalogueRecord[] = [
  {
    name: 'drunet-colour',
    title: 'DRUNet, colour denoising at every noise level, with a noise map',
    network: 'drunet',
    role: 'denoiser',
    file: 'drunet_color.pth',
    addresses: ['https://github.com/cszn/KAIR/releases/download/v1.0/drunet_color.pth'],
    page: 'https://github.com/cszn/KAIR/releases/tag/v1.0',
    licence: 'MIT',
    bytes: 130_579_305,
    hashes: [
      {
        kind: 'sha256',
        value: '479abe3c5327dfd10ff54a80ec7d4098ca80752a5c9492cdff31cee430bec4b4',
        source: 'recorded alike by several public projects that pin the file; not by its authors',
      },
    ],
  },
];
