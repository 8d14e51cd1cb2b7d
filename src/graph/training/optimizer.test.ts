import { expect, test } from 'vitest';
import { tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import { evaluate } from '../testing/evaluate.js';
import { expectClose, sample } from '../testing/tensors.js';
import { adamFactors, adamUpdate, clipToNorm, defaultAdam } from './optimizer.js';

const names = ['parameter', 'first', 'second', 'gradient'] as const;
const [parameter, first, second, gradient] = names.map((name) => input(name, [2, 3]));
const factors = {
  stepSize: input('stepSize', []),
  secondCorrection: input('secondCorrection', []),
};

/** The algorithm as published, with its bias-corrected moments. */
function published(
  p: number[],
  slopes: number[][],
  rate: number,
  settings = defaultAdam,
): number[] {
  const { beta1, beta2, epsilon } = settings;
  return p.map((start, place) => {
    let [value, m, v] = [start, 0, 0];
    for (const [step, slope] of slopes.entries()) {
      const g = slope[place]!;
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      const mean = m / (1 - beta1 ** (step + 1));
      const variance = v / (1 - beta2 ** (step + 1));
      value -= (rate * mean) / (Math.sqrt(variance) + epsilon);
    }
    return value;
  });
}

test.each([defaultAdam, { beta1: 0.5, beta2: 0.9, epsilon: 1e-3 }])(
  'four steps follow the published algorithm with %o',
  async (settings) => {
    const start = sample([2, 3], 1);
    const slopes = [2, 3, 4, 5].map((seed) => sample([2, 3], seed));
    const next = adamUpdate(
      { parameter: parameter!, first: first!, second: second! },
      gradient!,
      factors,
      settings,
    );
    const outputs = { p: next.parameter, m: next.first, v: next.second };
    let state = { parameter: start, first: tensor([2, 3]), second: tensor([2, 3]) };
    for (const [place, slope] of slopes.entries()) {
      const { stepSize, secondCorrection } = adamFactors(place + 1, 0.01, settings);
      const { p, m, v } = await evaluate(outputs, {
        ...state,
        gradient: slope,
        stepSize: tensor([], [stepSize]),
        secondCorrection: tensor([], [secondCorrection]),
      });
      state = { parameter: p!, first: m!, second: v! };
    }
    const expected = published(
      [...start.data],
      slopes.map(({ data }) => [...data]),
      0.01,
      settings,
    );
    expectClose(state.parameter, tensor([2, 3], expected));
  },
);

test('the first step moves by the learning rate against the sign of the gradient', () => {
  const { stepSize, secondCorrection } = adamFactors(1, 0.1);
  expect(
    (stepSize * (1 - defaultAdam.beta1) * 3) / (Math.sqrt(0.001 * 9) / secondCorrection),
  ).toBeCloseTo(0.1, 12);
});

test('weight decay takes learning rate x decay of the parameter, whatever the gradient', async () => {
  const decay = input('decay', []);
  const next = adamUpdate({ parameter: parameter!, first: first!, second: second! }, gradient!, {
    ...factors,
    decay,
  });
  const [rate, weightDecay] = [0.03, 0.2];
  const { stepSize, secondCorrection } = adamFactors(1, rate);
  const start = sample([2, 3], 8);
  const slope = sample([2, 3], 9);
  const { p } = await evaluate(
    { p: next.parameter },
    {
      parameter: start,
      first: tensor([2, 3]),
      second: tensor([2, 3]),
      gradient: slope,
      stepSize: tensor([], [stepSize]),
      secondCorrection: tensor([], [secondCorrection]),
      decay: tensor([], [rate * weightDecay]),
    },
  );
  // After the first step both moments are the gradient itself: Adam moves by its sign.
  const expected = start.data.map((value, place) => {
    const g = slope.data[place]!;
    return value * (1 - rate * weightDecay) - (rate * g) / (Math.abs(g) + 1e-8);
  });
  expectClose(p!, tensor([2, 3], expected));
});

const shapes = [[2, 3], [], [4]];
const gradients = shapes.map((shape, index) => input(`g${index}`, shape));

async function clipped(values: readonly ReturnType<typeof sample>[], limit: number) {
  const { gradients: shortened, squares } = clipToNorm(gradients, limit);
  const named = Object.fromEntries(shortened.map((value, index) => [`s${index}`, value]));
  const feeds = Object.fromEntries(values.map((value, index) => [`g${index}`, value]));
  const result = await evaluate({ ...named, squares }, feeds);
  return { results: shapes.map((_, index) => result[`s${index}`]!), squares: result.squares! };
}

const values = shapes.map((shape, index) => sample(shape, index + 1));
const squaresOf = values.map(({ data }) => data.reduce((sum, value) => sum + value * value, 0));
const norm = Math.sqrt(squaresOf.reduce((sum, value) => sum + value, 0));

test('gradients longer than the limit keep their direction and have its norm together', async () => {
  const { results, squares } = await clipped(values, norm / 4);
  results.forEach((result, index) => {
    const { shape, data } = values[index]!;
    expectClose(
      result,
      tensor(
        shape,
        data.map((value) => value / 4),
      ),
    );
  });
  expectClose(squares, tensor([3], squaresOf));
});

test('shorter gradients keep their bits, and zeros stay zeros', async () => {
  const { results } = await clipped(values, norm * 1.01);
  expect(results.map(({ data }) => data)).toEqual(values.map(({ data }) => data));
  const zeros = shapes.map((shape) => tensor(shape));
  const still = await clipped(zeros, 1);
  for (const { data } of still.results) expect(data.every((value) => value === 0)).toBe(true);
});

test('the squares tell which gradient is not a number, though all of them become so', async () => {
  const bad = [values[0]!, tensor([], [Number.NaN]), values[2]!];
  const { squares, results } = await clipped(bad, 1);
  expect([...squares.data].map(Number.isFinite)).toEqual([true, false, true]);
  expect(results[0]!.data.some(Number.isFinite)).toBe(false);
});
