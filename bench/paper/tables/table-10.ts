import type { Comparison, EvaluationTable } from '../table.js';
import { enlargementMetrics, fidelity, perception, UNSEEN } from './shared.js';

const metrics = [...fidelity, ...perception];

function losesNothing(row: string, against: string): Comparison {
  const says = 'DDIM with fewer steps loses nothing';
  return { says, row, against, metrics, expected: { within: UNSEEN } };
}

export const table10: EvaluationTable = {
  kind: 'evaluation',
  number: 10,
  title: 'with and without DDIM',
  claim: 'subsampling the last tau steps by DDIM loses nothing on top of the accelerated start.',
  experiments: [
    {
      task: 'sr4',
      datasets: ['set5'],
      metrics: enlargementMetrics,
      rows: [
        { name: 'tau 20 by 20 steps', method: 'pack:sr4@tau=20@steps=20@sampler=ancestral' },
        { name: 'tau 20 by 20 DDIM steps', method: 'pack:sr4@tau=20@steps=20@sampler=ddim' },
        { name: 'tau 20 by 8 DDIM steps', method: 'pack:sr4@tau=20@steps=8@sampler=ddim' },
        { name: 'tau 20 by 4 DDIM steps', method: 'pack:sr4@tau=20@steps=4@sampler=ddim' },
        { name: 'tau 100 by 100 steps', method: 'pack:sr4@tau=100@steps=100@sampler=ancestral' },
        { name: 'tau 100 by 20 DDIM steps', method: 'pack:sr4@tau=100@steps=20@sampler=ddim' },
      ],
      comparisons: [
        losesNothing('tau 20 by 20 DDIM steps', 'tau 20 by 20 steps'),
        losesNothing('tau 20 by 8 DDIM steps', 'tau 20 by 20 steps'),
        losesNothing('tau 20 by 4 DDIM steps', 'tau 20 by 20 steps'),
        losesNothing('tau 100 by 20 DDIM steps', 'tau 100 by 100 steps'),
      ],
    },
  ],
};
