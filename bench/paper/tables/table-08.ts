import type { Comparison, EvaluationTable } from '../table.js';
import { enlargementMetrics, fidelity, perception, pictureMetrics, UNSEEN } from './shared.js';

const CHAIN = 'pack:sr4@denoiser={denoiser-chain}@fusion={fusion-chain}@beyond-training=true';

const metrics = [...fidelity, ...perception];

function losesNothing(row: string, against: string, says: string): Comparison {
  return { says, row, against, metrics, expected: { within: UNSEEN } };
}

/** Better than noising the restored picture, or at least no worse. */
function againstNoised(tau: number): Comparison[] {
  const [row, against] = [`tau ${tau} accelerated`, `tau ${tau} noised`];
  return [
    {
      says: 'the accelerated start is better than the noised one',
      row,
      against,
      metrics,
      expected: 'better',
    },
    losesNothing(row, against, NOISED),
  ];
}

const NOISED = 'the accelerated start loses nothing against the noised one';
const FULL_DDIM = 'to 1000: full chain by 100 DDIM steps';
const FULL_CHAIN = 'to 1000: full chain';
const FULL = 'the accelerated start loses nothing against the full chain';

export const table08: EvaluationTable = {
  kind: 'evaluation',
  number: 8,
  title: 'how the chain starts',
  claim:
    'skipping to tau by one draw around the restored picture loses nothing against the full chain, and is better than noising that picture (CCDF, SDEdit).',
  notes: [
    'Computed beforehand: the two starts differ in standard deviation by less than 0.2 % at tau 250, and by 9 % at tau 5. The full chain of 1000 steps needs modules that were trained up to t = 1000; these are other ones than those of the pack, whose manifest allows t up to 150, hence beyond-training in the method.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['set5'],
      metrics: enlargementMetrics,
      rows: [
        { name: 'tau 5 accelerated', method: 'pack:sr4@tau=5@steps=5@start=accelerated' },
        { name: 'tau 5 noised', method: 'pack:sr4@tau=5@steps=5@start=noised' },
        { name: 'tau 20 accelerated', method: 'pack:sr4@tau=20@steps=8@start=accelerated' },
        { name: 'tau 20 noised', method: 'pack:sr4@tau=20@steps=8@start=noised' },
        { name: 'tau 100 accelerated', method: 'pack:sr4@tau=100@steps=10@start=accelerated' },
        { name: 'tau 100 noised', method: 'pack:sr4@tau=100@steps=10@start=noised' },
        { name: 'to 1000: tau 20 accelerated', method: `${CHAIN}@tau=20@steps=20` },
        { name: 'to 1000: tau 100 accelerated', method: `${CHAIN}@tau=100@steps=100` },
        { name: FULL_DDIM, method: `${CHAIN}@start=full@steps=100@sampler=ddim` },
        { name: FULL_CHAIN, method: `${CHAIN}@start=full@steps=1000` },
      ],
      comparisons: [
        ...[5, 20, 100].flatMap(againstNoised),
        ...[FULL_DDIM, FULL_CHAIN].flatMap((chain) =>
          [20, 100].map((tau) => losesNothing(`to 1000: tau ${tau} accelerated`, chain, FULL)),
        ),
      ],
    },
    {
      task: 'burst',
      datasets: ['kodak-bursts'],
      metrics: pictureMetrics,
      rows: [
        { name: 'tau 5 accelerated', method: 'pack:burst@tau=5@steps=5@start=accelerated' },
        { name: 'tau 5 noised', method: 'pack:burst@tau=5@steps=5@start=noised' },
      ],
      comparisons: againstNoised(5),
    },
  ],
};
