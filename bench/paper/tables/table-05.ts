import type { Comparison, EvaluationTable } from '../table.js';
import { PAIR_NOTE, packOf } from './pairs.js';
import { enlargementMetrics } from './shared.js';

const rivals = {
  TDWA: 'tdwa',
  'L-DWT': 'ldwt',
  'U-Net with time embedding': 'unet',
} as const;

const PROPOSED = 'proposed';
const ON_TDWA = 'proposed on top of TDWA';

function better(row: string, against: string): Comparison {
  const says = `${row === PROPOSED ? '' : `${row}, `}better than ${against}`;
  return { says, row, against, metrics: enlargementMetrics, expected: 'better' };
}

export const table05: EvaluationTable = {
  kind: 'evaluation',
  number: 5,
  title: 'fusion strategies',
  claim:
    'the proposed fusion network does better than weights of images (TDWA) or of wavelet bands (L-DWT), which are told the time or nothing, and than a U-Net with time embedding.',
  notes: [
    PAIR_NOTE,
    'The proposed network is the paper’s in compact form: its output is the estimate itself. That of our packs corrects a mean of the two images weighted as TDWA weighs it, and stands beside it.',
    'All are trained alike between restorer a and denoiser a, but for the learning rate, which is higher for the few numbers of TDWA and L-DWT. The U-Net has as many parameters as the compact fusion network.',
    'A brief training favours strategies of few numbers, which begin as a mean of the two images, and ours which corrects such a mean; the proposed network and the U-Net have to learn first to pass an image on.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        { name: PROPOSED, method: packOf('aa', 'plain') },
        { name: ON_TDWA, method: packOf('aa') },
        ...Object.entries(rivals).map(([name, fusion]) => ({ name, method: packOf('aa', fusion) })),
      ],
      comparisons: [
        ...Object.keys(rivals).map((rival) => better(PROPOSED, rival)),
        better(ON_TDWA, PROPOSED),
      ],
    },
  ],
};
