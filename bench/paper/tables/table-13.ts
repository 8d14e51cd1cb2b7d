import type { EvaluationTable } from '../table.js';
import { imageMetrics, MEDIUM_BLUR } from './shared.js';
import { sweepWhole, tradeOff } from './sweep.js';

const TAUS = [2, 5, 10, 20, 50] as const;
const OF_BURSTS = [2, 5, 10, 20] as const;

const inTurn = (taus: readonly number[]) =>
  taus.slice(1).flatMap((tau, index) => tradeOff(taus[index]!, tau));

export const table13: EvaluationTable = {
  kind: 'evaluation',
  number: 13,
  title: 'tau, deblurring',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [
    'Every one of the tau steps is taken, so that NFE is tau and one. Photographs are blurred by our motion blur of medium strength, as in table 2; a sweep on bursts stands beside that of the paper.',
  ],
  experiments: [
    {
      task: 'deblur',
      datasets: ['benchmark'],
      degradation: MEDIUM_BLUR,
      metrics: imageMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:deblur' },
        ...sweepWhole('pack:deblur', TAUS),
      ],
      comparisons: inTurn(TAUS),
    },
    {
      task: 'burst',
      datasets: ['benchmark-bursts'],
      metrics: imageMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:burst' },
        ...sweepWhole('pack:burst', OF_BURSTS),
      ],
      comparisons: inTurn(OF_BURSTS),
    },
  ],
};
