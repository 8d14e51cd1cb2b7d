import type { EvaluationTable } from '../table.js';
import { enlargementMetrics } from './shared.js';
import { sweepRows, tradeOff } from './sweep.js';

export const table06: EvaluationTable = {
  kind: 'evaluation',
  number: 6,
  title: 'tau, super-resolution by 4',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [
    'Swept on photographs of BSDS500, which no module was trained on, with 10 steps each (5 for tau 5).',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['bsds'],
      limit: 8,
      metrics: enlargementMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:sr4' },
        ...sweepRows('sr4', [5, 10, 20, 50, 100, 150], 10),
      ],
      comparisons: [...tradeOff(10, 20), ...tradeOff(10, 50), ...tradeOff(10, 150)],
    },
  ],
};
