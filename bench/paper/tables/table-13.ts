import type { EvaluationTable } from '../table.js';
import { pictureMetrics } from './shared.js';
import { sweepWhole, tradeOff } from './sweep.js';

export const table13: EvaluationTable = {
  kind: 'evaluation',
  number: 13,
  title: 'tau, bursts',
  claim: 'a larger tau trades fidelity for perceived quality.',
  notes: [
    'Swept on bursts of photographs of BSDS500, which no module was trained on, with every one of the tau steps, so that NFE is tau and one.',
  ],
  experiments: [
    {
      task: 'burst',
      datasets: ['bsds-bursts'],
      metrics: pictureMetrics,
      rows: [
        { name: 'restoration network alone', method: 'restorer:burst' },
        ...sweepWhole('burst', [2, 5, 10, 20]),
      ],
      comparisons: [...tradeOff(2, 5), ...tradeOff(5, 10), ...tradeOff(5, 20)],
    },
  ],
};
