import type { EvaluationTable, Experiment } from '../table.js';
import { againstRestorer, pictureMetrics, RESTORER } from './shared.js';

const common: Pick<Experiment, 'task' | 'metrics' | 'rows' | 'comparisons'> = {
  task: 'deblur',
  metrics: pictureMetrics,
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
    'at NFE 6 (tau 5) blurred pictures come out looking better than from the restoration network alone and from other approaches, and fidelity keeps up, on GoPro and HIDE.',
  notes: [
    'Of GoPro there is one pair, of HIDE none; the six pictures of Kodak are blurred by our motion blur of medium strength.',
  ],
  experiments: [
    { ...common, datasets: ['gopro'] },
    {
      ...common,
      datasets: ['kodak-6'],
      degradation: { kind: 'motion-blur', strength: 'medium' },
    },
  ],
};
