import type { EvaluationTable } from '../table.js';
import { againstRestorer, imageMetrics, RESTORER } from './shared.js';

export const table01: EvaluationTable = {
  kind: 'evaluation',
  number: 1,
  title: 'bursts',
  claim:
    'at NFE 6 (tau 5) bursts come out of the modules looking better than out of the restoration network alone and of other approaches, and fidelity keeps up.',
  notes: [
    'Our bursts are synthetic, of 14 frames, shaken up to 24 pixels and 1 degree, with the noise of the public protocol, one of each photograph of the benchmark. SyntheticBurst itself is not here.',
  ],
  experiments: [
    {
      task: 'burst',
      datasets: ['benchmark-bursts'],
      metrics: imageMetrics,
      rows: [
        { name: 'bilinear and bicubic', method: 'bicubic' },
        { name: RESTORER, method: 'restorer:burst' },
        { name: 'tau 5', method: 'pack:burst@tau=5@steps=5' },
      ],
      comparisons: againstRestorer('tau 5'),
    },
  ],
};
