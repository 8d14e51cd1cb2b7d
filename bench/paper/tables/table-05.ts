import type { Comparison, EvaluationTable } from '../table.js';
import { PAIR_NOTE, packOf } from './pairs.js';
import { enlargementMetrics } from './shared.js';

const rivals = {
  TDWA: 'tdwa',
  'L-DWT': 'ldwt',
  'U-Net with time embedding': 'unet',
} as const;

const PROPOSED = 'proposed';

export const table05: EvaluationTable = {
  kind: 'evaluation',
  number: 5,
  title: 'fusion strategies',
  claim:
    'the proposed fusion network does better than weights of pictures (TDWA) or of wavelet bands (L-DWT), which are told the time or nothing, and than a U-Net with time embedding.',
  notes: [
    PAIR_NOTE,
    'All four are trained alike between restorer a and denoiser a, but for the learning rate, which is higher for the few numbers of TDWA and L-DWT. The U-Net has as many parameters as the compact fusion network.',
    'A brief training favours strategies of few numbers, which begin as a mean of the two pictures, and the compact fusion network, which corrects such a mean, weighted as TDWA weighs it, unlike the paper’s; the U-Net has to learn first to pass a picture on.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['set5'],
      metrics: enlargementMetrics,
      rows: [
        { name: PROPOSED, method: packOf('aa') },
        ...Object.entries(rivals).map(([name, fusion]) => ({ name, method: packOf('aa', fusion) })),
      ],
      comparisons: Object.keys(rivals).map(
        (rival): Comparison => ({
          says: `better than ${rival}`,
          ...{ row: PROPOSED, against: rival },
          ...{ metrics: enlargementMetrics, expected: 'better' },
        }),
      ),
    },
  ],
};
