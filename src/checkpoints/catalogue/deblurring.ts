import type { CatalogueRecord } from './catalogue-entry.js';

const OBSERVED = 'recorded alike by several public projects that pin the file; not by its authors';
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
        source: OBSERVED,
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
        source: OBSERVED,
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
        source: OBSERVED,
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
        source: OBSERVED,
      },
    ],
    note: 'the address is the demonstration of one of its authors',
  },
];
