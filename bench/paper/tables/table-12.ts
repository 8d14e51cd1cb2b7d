import type { Comparison, EvaluationTable, Row } from '../table.js';
import { PAIR_NOTE, type Pair, packOf, pairName, pairs } from './pairs.js';
import { enlargementMetrics, fidelity, perception, SR4, UNSEEN } from './shared.js';

const metrics = [...fidelity, ...perception];

function survives(row: string, against: string): Comparison {
  const says = 'a fusion network survives a swap of modules';
  return { says, row, against, metrics, expected: { within: UNSEEN } };
}

/** The pair that shares no module with another. */
const opposite: Readonly<Record<Pair, Pair>> = { aa: 'bb', ab: 'ba', ba: 'ab', bb: 'aa' };

function own(pair: Pair): Row {
  return { name: `${pairName(pair)}: own fusion`, method: packOf(pair) };
}

function swapped(pair: Pair): Row {
  const other = opposite[pair];
  const name = `${pairName(pair)}: fusion of ${pairName(other)}`;
  return { name, method: packOf(pair, other) };
}

const SHIPPED = 'pack sr4 as shipped';
const NEW_RESTORER = 'its fusion with restorer b';
const NEW_DENOISER = 'its fusion with denoiser b';
const OF_BURSTS = 'fusion of bursts';

export const table12: EvaluationTable = {
  kind: 'evaluation',
  number: 12,
  title: 'fusion networks with modules that they were not trained with',
  claim: 'a fusion network trained with one pair of modules works with another.',
  notes: [
    PAIR_NOTE,
    'Two rows swap one module of the shipped pack and keep the others: the restoration network, the denoiser. A worse restoration network makes worse images by itself, so that the row of its own fusion network (restorer b with denoiser a) tells how much of it the fusion is to blame for.',
    'The fusion network of bursts was trained with the same denoiser and a restoration network for bursts; here it meets that of super-resolution.',
  ],
  experiments: [
    {
      task: 'sr4',
      datasets: ['benchmark'],
      metrics: enlargementMetrics,
      rows: [
        { name: SHIPPED, method: `${SR4}@tau=20@steps=8` },
        { name: NEW_RESTORER, method: `${SR4}@tau=20@steps=8@restorer={restorer-b}` },
        { name: NEW_DENOISER, method: `${SR4}@tau=20@steps=8@denoiser={denoiser-b}` },
        {
          name: OF_BURSTS,
          method: 'pack:sr4@tau=20@steps=8@fusion={fusion-burst}',
        },
        ...pairs.flatMap((pair) => [own(pair), swapped(pair)]),
      ],
      comparisons: [
        survives(NEW_RESTORER, SHIPPED),
        survives(NEW_DENOISER, SHIPPED),
        survives(OF_BURSTS, SHIPPED),
        ...pairs.map((pair) => survives(swapped(pair).name, own(pair).name)),
      ],
    },
  ],
};
