import type { CatalogueRecord } from './catalogue-entry.js';

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
