import type { EvaluationTable } from '../table.js';
import { pictureMetrics } from './shared.js';
import { sweepRows, tradeOff } from './sweep.js';

export const table13: EvaluationTable = {
  kind: 'evaluation',
  number: 13,
  title: 'tau, bursts',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [
    'Swept on bursts of photographs of BSDS500, which no module was trained on, with 5 steps each.',
  ],
  experiments: [
    {
      task: 'burst',
      datasets: ['bsds-bursts'],
      metrics: pictureMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:burst' },
        ...sweepRows('burst', [5, 10, 20, 40, 60], 5),
      ],
      comparisons: [...tradeOff(5, 10), ...tradeOff(5, 20), ...tradeOff(5, 60)],
    },
  ],
};
