import type { CatalogueRecord } from './catalogue.js';

const RELEASE = 'https://github.com/JingyunLiang/SwinIR/releases/download/v0.0';
const swinirPublished = {
  network: 'swinir',
  page: 'https://github.com/JingyunLiang/SwinIR/releases/tag/v0.0',
  licence: 'Apache-2.0',
} as const;

function swinirRestorer(
  name: string,
  title: string,
  file: string,
  { bytes, sha256, record }: { bytes: number; sha256: string; record: string },
): CatalogueRecord {
  const source = `https://openmodeldb.info/models/${record}`;
  return {
    name,
    title,
    ...swinirPublished,
    role: 'restorer',
    file,
    addresses: [`${RELEASE}/${file}`],
    bytes,
    hashes: [{ kind: 'sha256', value: sha256, source }],
  };
}

function swinirDenoiser(level: number): CatalogueRecord {
  const file = `005_colorDN_DFWB_s128w8_SwinIR-M_noise${level}.pth`;
  return {
    name: `swinir-colour-denoise-${level}`,
    title: `SwinIR, colour denoising at noise level ${level} of 255`,
    ...swinirPublished,
    role: 'denoiser',
    file,
    addresses: [`${RELEASE}/${file}`],
    hashes: [],
    note: 'made for one noise level; it takes no noise map',
  };
}

/** SwinIR as its authors published it. */
export const swinir: readonly CatalogueRecord[] = [
  swinirRestorer(
    'swinir-classical-x4',
    'SwinIR-M, classical super-resolution by 4, trained on DF2K',
    '001_classicalSR_DF2K_s64w8_SwinIR-M_x4.pth',
    {
      bytes: 67_869_037,
      sha256: '4e78e33f22c1aa8a773db0cf4a7381bae97c2362c717f155439ebc690cbd9215',
      record: '4x-classicalSR-DF2K-s64w8-SwinIR-M',
    },
  ),
  swinirRestorer(
    'swinir-light-x4',
    'SwinIR-S, lightweight super-resolution by 4, trained on DIV2K',
    '002_lightweightSR_DIV2K_s64w8_SwinIR-S_x4.pth',
    {
      bytes: 17_225_941,
      sha256: '09fad24e32ae62722e1a055efde9921328f4137981bab0a42a4a3a806306c58e',
      record: '4x-lightweightSR-DIV2K-s64w8-SwinIR-S',
    },
  ),
  swinirRestorer(
    'swinir-real-m-x4',
    'SwinIR-M, real-world super-resolution by 4, GAN',
    '003_realSR_BSRGAN_DFO_s64w8_SwinIR-M_x4_GAN.pth',
    {
      bytes: 67_129_861,
      sha256: 'b9afb61e65e04eb7f8aba5095d070bbe9af28df76acd0c9405aeb33b814bcfc6',
      record: '4x-realSR-BSRGAN-DFO-s64w8-SwinIR-M-x4-GAN',
    },
  ),
  swinirRestorer(
    'swinir-real-l-x4',
    'SwinIR-L, real-world super-resolution by 4, GAN',
    '003_realSR_BSRGAN_DFOWMFC_s64w8_SwinIR-L_x4_GAN.pth',
    {
      bytes: 142_473_939,
      sha256: '99adfa91350a84c99e946c1eb3d8fce34bc28f57d807b09dc8fe40a316328c0a',
      record: '4x-realSR-BSRGAN-DFOWMFC-s64w8-SwinIR-L-x4-GAN',
    },
  ),
  swinirDenoiser(15),
  swinirDenoiser(25),
  swinirDenoiser(50),
];

const esrgan = {
  network: 'rrdb',
  role: 'restorer',
  page: 'https://github.com/xinntao/ESRGAN/tree/master/models',
  licence: 'Apache-2.0',
} as const;

/** RRDB networks: ESRGAN's generators and Real-ESRGAN's. */
export const rrdb: readonly CatalogueRecord[] = [
  {
    name: 'esrgan-x4',
    title: "ESRGAN's generator, super-resolution by 4, GAN",
    ...esrgan,
    file: 'RRDB_ESRGAN_x4.pth',
    addresses: [],
    manual: true,
    hashes: [],
    note: 'in the shared drive that the page names; OpenModelDB keeps a copy, esrgan-x4-openmodeldb',
  },
  {
    name: 'rrdb-psnr-x4',
    title: "ESRGAN's generator trained for PSNR, super-resolution by 4",
    ...esrgan,
    file: 'RRDB_PSNR_x4.pth',
    addresses: [],
    manual: true,
    hashes: [],
    note: 'in the shared drive that the page names',
  },
  {
    name: 'esrgan-x4-openmodeldb',
    title: "ESRGAN's generator as OpenModelDB keeps it",
    ...esrgan,
    page: 'https://openmodeldb.info/models/4x-ESRGAN',
    file: '4x-ESRGAN.pth',
    addresses: [
      'https://objectstorage.us-phoenix-1.oraclecloud.com/n/ax6ygfvpvzka/b/open-modeldb-files/o/4x-ESRGAN.pth',
    ],
    bytes: 66_952_991,
    hashes: [
      {
        kind: 'sha256',
        value: '545805ce2d861ee90972b5fa50b851f19ee4bb35dedd2eb090be1f7c935b6b00',
        source: 'https://openmodeldb.info/models/4x-ESRGAN',
      },
    ],
  },
  {
    name: 'real-esrgan-x4',
    title: 'Real-ESRGAN x4plus, real-world super-resolution by 4, GAN',
    network: 'rrdb',
    role: 'restorer',
    page: 'https://github.com/xinntao/Real-ESRGAN/releases/tag/v0.1.0',
    licence: 'BSD-3-Clause',
    file: 'RealESRGAN_x4plus.pth',
    addresses: [
      'https://github.com/xinntao/Real-ESRGAN/releases/download/v0.1.0/RealESRGAN_x4plus.pth',
    ],
    bytes: 67_040_989,
    hashes: [
      {
        kind: 'sha256',
        value: '4fa0d38905f75ac06eb49a7951b426670021be3018265fd191d2125df9d682f1',
        source: 'https://openmodeldb.info/models/4x-realesrgan-x4plus',
      },
    ],
  },
];

const OBSERVED_HASH =
  'recorded alike by several public projects that pin the file; not by its authors';
const nafnet = { network: 'nafnet', licence: 'MIT' } as const;

/** FFTformer and NAFNet: motion deblurring, and NAFNet for the noise of cameras. */
export const deblurring: readonly CatalogueRecord[] = [
  {
    name: 'fftformer-gopro',
    title: 'FFTformer, motion deblurring, trained on GoPro',
    network: 'fftformer',
    role: 'restorer',
    file: 'fftformer_GoPro.pth',
    addresses: [
      'https://github.com/kkkls/FFTformer/raw/01306b5d4072146a011c8c6e9d4927cf4607f1d5/pretrain_model/fftformer_GoPro.pth',
    ],
    page: 'https://github.com/kkkls/FFTformer',
    licence: 'MIT',
    hashes: [
      {
        kind: 'git-blob',
        value: '77368c904c5bd4d070d6baea5b72a25e15717eb7',
        source: 'github.com/kkkls/FFTformer, tree of commit 01306b5d',
      },
    ],
  },
  {
    name: 'nafnet-gopro-32',
    title: 'NAFNet of width 32, motion deblurring, trained on GoPro',
    ...nafnet,
    role: 'restorer',
    file: 'NAFNet-GoPro-width32.pth',
    addresses: [],
    page: 'https://github.com/megvii-research/NAFNet/blob/main/docs/GoPro.md',
    manual: true,
    bytes: 68_671_121,
    hashes: [
      {
        kind: 'sha256',
        value: '19394e6155d12ef6371d1d57496f87f0ec88f92bdffa27c0792690722d5d1a5c',
        source: OBSERVED_HASH,
      },
    ],
  },
  {
    name: 'nafnet-gopro-64',
    title: 'NAFNet of width 64, motion deblurring, trained on GoPro',
    ...nafnet,
    role: 'restorer',
    file: 'NAFNet-GoPro-width64.pth',
    addresses: [],
    page: 'https://github.com/megvii-research/NAFNet/blob/main/docs/GoPro.md',
    manual: true,
    bytes: 271_778_961,
    hashes: [
      {
        kind: 'sha256',
        value: '329d3ab4077b8d6b7ff61de376e483714667960bf85be027bf4335cda701196f',
        source: OBSERVED_HASH,
      },
    ],
  },
  {
    name: 'nafnet-sidd-32',
    title: 'NAFNet of width 32, noise of cameras, trained on SIDD',
    ...nafnet,
    role: 'restorer',
    file: 'NAFNet-SIDD-width32.pth',
    addresses: [],
    page: 'https://github.com/megvii-research/NAFNet/blob/main/docs/SIDD.md',
    manual: true,
    bytes: 116_861_841,
    hashes: [
      {
        kind: 'sha256',
        value: '89c70e808d1783b6c07911306e106aaf0d4f7f3da8c61078b99ff7f8929a26f4',
        source: OBSERVED_HASH,
      },
    ],
  },
  {
    name: 'nafnet-sidd-64',
    title: 'NAFNet of width 64, noise of cameras, trained on SIDD',
    ...nafnet,
    role: 'restorer',
    file: 'NAFNet-SIDD-width64.pth',
    addresses: [
      'https://huggingface.co/spaces/chuxiaojie/NAFNet/resolve/5964ed4955416df99210106b708e4a2df9e9eca0/NAFNet-SIDD-width64.pth',
    ],
    page: 'https://github.com/megvii-research/NAFNet/blob/main/docs/SIDD.md',
    bytes: 464_154_961,
    hashes: [
      {
        kind: 'sha256',
        value: 'cd685efaae01f7c4e9951f2deab05780079c8eb1e49ed664b72f6db04dabb445',
        source: OBSERVED_HASH,
      },
    ],
    note: 'the address is the demonstration of one of its authors',
  },
];

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

const bsrtPublished = {
  network: 'bsrt',
  role: 'restorer',
  addresses: [],
  page: 'https://drive.google.com/file/d/1Bv1ZwoE3s8trhG--wjB0Yt6WJIQPpvsn/view',
  manual: true,
  licence: 'MIT',
  hashes: [],
  note: 'one archive in a shared drive holds all weights; give the extracted checkpoint to --from',
} satisfies Partial<CatalogueRecord>;

/** BSRT: burst super-resolution. */
export const bursts: readonly CatalogueRecord[] = [
  {
    name: 'bsrt-small-synthetic',
    title: 'BSRT-Small, synthetic RAW bursts of 14 frames',
    ...bsrtPublished,
    file: 'bsrt_small_synthetic.pth',
  },
  {
    name: 'bsrt-large-synthetic',
    title: 'BSRT-Large, synthetic RAW bursts of 14 frames',
    ...bsrtPublished,
    file: 'bsrt_large_synthetic.pth',
  },
];
