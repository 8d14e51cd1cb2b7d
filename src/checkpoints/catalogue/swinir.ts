import type { CatalogueRecord } from './catalogue-entry.js';

const RELEASE = 'https://github.com/JingyunLiang/SwinIR/releases/download/v0.0';
const published = {
  network: 'swinir',
  page: 'https://github.com/JingyunLiang/SwinIR/releases/tag/v0.0',
  licence: 'Apache-2.0',
} as const;

function restorer(
  name: string,
  title: string,
  file: string,
  { bytes, sha256, record }: { bytes: number; sha256: string; record: string },
): CatalogueRecord {
  const source = `https://openmodeldb.info/models/${record}`;
  return {
    name,
    title,
    ...published,
    role: 'restorer',
    file,
    addresses: [`${RELEASE}/${file}`],
    bytes,
    hashes: [{ kind: 'sha256', value: sha256, source }],
  };
}

function denoiser(level: number): CatalogueRecord {
  const file = `005_colorDN_DFWB_s128w8_SwinIR-M_noise${level}.pth`;
  return {
    name: `swinir-colour-denoise-${level}`,
    title: `SwinIR, colour denoising at noise level ${level} of 255`,
    ...published,
    role: 'denoiser',
    file,
    addresses: [`${RELEASE}/${file}`],
    hashes: [],
    note: 'made for one noise level; it takes no noise map',
  };
}

/** SwinIR as its authors published it. */
export const swinir: readonly CatalogueRecord[] = [
  restorer(
    'swinir-classical-x4',
    'SwinIR-M, classical super-resolution by 4, trained on DF2K',
    '001_classicalSR_DF2K_s64w8_SwinIR-M_x4.pth',
    {
      bytes: 67_869_037,
      sha256: '4e78e33f22c1aa8a773db0cf4a7381bae97c2362c717f155439ebc690cbd9215',
      record: '4x-classicalSR-DF2K-s64w8-SwinIR-M',
    },
  ),
  restorer(
    'swinir-light-x4',
    'SwinIR-S, lightweight super-resolution by 4, trained on DIV2K',
    '002_lightweightSR_DIV2K_s64w8_SwinIR-S_x4.pth',
    {
      bytes: 17_225_941,
      sha256: '09fad24e32ae62722e1a055efde9921328f4137981bab0a42a4a3a806306c58e',
      record: '4x-lightweightSR-DIV2K-s64w8-SwinIR-S',
    },
  ),
  restorer(
    'swinir-real-m-x4',
    'SwinIR-M, real-world super-resolution by 4, GAN',
    '003_realSR_BSRGAN_DFO_s64w8_SwinIR-M_x4_GAN.pth',
    {
      bytes: 67_129_861,
      sha256: 'b9afb61e65e04eb7f8aba5095d070bbe9af28df76acd0c9405aeb33b814bcfc6',
      record: '4x-realSR-BSRGAN-DFO-s64w8-SwinIR-M-x4-GAN',
    },
  ),
  restorer(
    'swinir-real-l-x4',
    'SwinIR-L, real-world super-resolution by 4, GAN',
    '003_realSR_BSRGAN_DFOWMFC_s64w8_SwinIR-L_x4_GAN.pth',
    {
      bytes: 142_473_939,
      sha256: '99adfa91350a84c99e946c1eb3d8fce34bc28f57d807b09dc8fe40a316328c0a',
      record: '4x-realSR-BSRGAN-DFOWMFC-s64w8-SwinIR-L-x4-GAN',
    },
  ),
  denoiser(15),
  denoiser(25),
  denoiser(50),
];
