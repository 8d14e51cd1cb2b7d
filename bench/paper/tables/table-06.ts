import type { EvaluationTable } from '../table.js';
import { enlargementMetrics, TO_250, TO_250_NOTE } from './shared.js';
import { sweepByDdim, tradeOff } from './sweep.js';

const TAUS = [10, 20, 50, 100, 150, 250] as const;
const STEPS = 10;

export const table06: EvaluationTable = {
  kind: 'evaluation',
  number: 6,
  title: 'tau, super-resolution by 4',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [`${STEPS} steps of DDIM for every tau, so that tau alone differs. ${TO_250_NOTE}`],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:sr4' },
        ...sweepByDdim(TO_250, TAUS, STEPS),
      ],
      comparisons: TAUS.slice(1).flatMap((tau, index) => tradeOff(TAUS[index]!, tau)),
    },
  ],
};
