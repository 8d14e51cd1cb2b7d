import type { EvaluationTable } from '../table.js';
import { enlargementMetrics } from './shared.js';
import { sweepByDdim, tradeOff } from './sweep.js';

export const table06: EvaluationTable = {
  kind: 'evaluation',
  number: 6,
  title: 'tau, super-resolution by 4',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [
    'Swept on photographs of BSDS500, which no module was trained on, by 10 steps of DDIM each (5 for tau 5), so that tau alone differs.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['bsds'],
      limit: 8,
      metrics: enlargementMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:sr4' },
        ...sweepByDdim('sr4', [5, 10, 20, 50, 100, 150], 10),
      ],
      comparisons: [
        ...tradeOff(5, 10),
        ...tradeOff(10, 20),
        ...tradeOff(10, 50),
        ...tradeOff(10, 150),
      ],
    },
  ],
};
