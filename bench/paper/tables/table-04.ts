import type { Comparison, EvaluationTable } from '../table.js';
import { PAIR_NOTE, packOf, pairName, pairs } from './pairs.js';
import { enlargementMetrics, fidelity, perception } from './shared.js';

const restorers = ['a', 'b'] as const;

const betterDenoiser = restorers.map(
  (restorer): Comparison => ({
    says: 'a better denoiser raises fidelity',
    ...{ row: pairName(`${restorer}a`), against: pairName(`${restorer}b`) },
    ...{ metrics: fidelity, expected: 'better' },
  }),
);
const betterRestorer = restorers.map(
  (denoiser): Comparison => ({
    says: 'a better restoration network raises perception',
    ...{ row: pairName(`a${denoiser}`), against: pairName(`b${denoiser}`) },
    ...{ metrics: perception, expected: 'better' },
  }),
);

export const table04: EvaluationTable = {
  kind: 'evaluation',
  number: 4,
  title: 'denoisers and restoration networks',
  claim: 'a better denoiser raises fidelity, a better restoration network perceived quality.',
  notes: [
    PAIR_NOTE,
    'Bicubic interpolation stands beside them to show how far restorer b has come.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        { name: 'bicubic', method: 'bicubic' },
        { name: 'restorer a alone', method: 'restorer:sr4' },
        { name: 'restorer b alone', method: 'restorer:sr4@restorer={restorer-b}' },
        ...pairs.map((pair) => ({ name: pairName(pair), method: packOf(pair) })),
      ],
      comparisons: [...betterDenoiser, ...betterRestorer],
    },
  ],
};
