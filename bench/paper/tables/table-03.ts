import type { EvaluationTable } from '../table.js';
import { againstRestorer, enlargementMetrics, RESTORER } from './shared.js';

export const table03: EvaluationTable = {
  kind: 'evaluation',
  number: 3,
  title: 'super-resolution by 4',
  claim:
    'at NFE 51 (tau 250, every fifth step by DDIM) enlarged pictures look better than those of the restoration network alone and of other approaches, and fidelity keeps up.',
  notes: [
    'Inputs are the targets reduced by antialiased bicubic interpolation and rounded to 8 bits. The DIV2K validation pictures of the paper are not here.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['set5', 'set14', 'urban-10', 'kodak-6'],
      metrics: enlargementMetrics,
      rows: [
        { name: 'bicubic', method: 'bicubic' },
        { name: RESTORER, method: 'restorer:sr4' },
        { name: 'tau 20', method: 'pack:sr4@tau=20@steps=8' },
      ],
      comparisons: againstRestorer('tau 20'),
    },
  ],
};
