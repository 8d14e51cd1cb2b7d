import type { EvaluationTable, Experiment } from '../table.js';
import { againstRestorer, imageMetrics, MEDIUM_BLUR, RESTORER } from './shared.js';

const common: Pick<Experiment, 'task' | 'metrics' | 'rows' | 'comparisons'> = {
  task: 'deblur',
  metrics: imageMetrics,
  rows: [
    { name: 'blurred input', method: 'input' },
    { name: RESTORER, method: 'restorer:deblur' },
    { name: 'tau 5', method: 'pack:deblur@tau=5@steps=5' },
  ],
  comparisons: againstRestorer('tau 5'),
};

export const table02: EvaluationTable = {
  kind: 'evaluation',
  number: 2,
  title: 'deblurring',
  claim:
    'at NFE 6 (tau 5) blurred images come out looking better than from the restoration network alone and from other approaches, and fidelity keeps up, on GoPro and HIDE.',
  notes: [
    'Photographs of the benchmark are blurred by our motion blur of medium strength. Of GoPro there is one pair, which decides nothing; HIDE is not here.',
  ],
  experiments: [
    { ...common, datasets: ['benchmark'], degradation: MEDIUM_BLUR },
    { ...common, datasets: ['gopro'] },
  ],
};
