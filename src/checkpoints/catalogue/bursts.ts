import type { CatalogueRecord } from './catalogue-entry.js';

const published = {
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
    ...published,
    file: 'bsrt_small_synthetic.pth',
  },
  {
    name: 'bsrt-large-synthetic',
    title: 'BSRT-Large, synthetic RAW bursts of 14 frames',
    ...published,
    file: 'bsrt_large_synthetic.pth',
  },
];
