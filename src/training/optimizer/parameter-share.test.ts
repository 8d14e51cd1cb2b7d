import { expect, test } from 'vitest';
import type { ParameterState } from './adam-kernels.js';
import { openShare, ParameterShare, type UpdateSettings } from './parameter-share.js';

const statesOf = (...lengths: number[]): ParameterState[] =>
  lengths.map((length) => ({
    parameter: new Float32Array(length),
    first: new Float32Array(length),
    second: new Float32Array(length),
  }));

const batch = (...gradients: readonly number[][]) => gradients.map((of) => Float32Array.from(of));

/** With these the first moments become the sums. */
const settings: UpdateSettings = {
  adam: { beta1: 0, beta2: 0.999, epsilon: 1e-8 },
  ...{ stepSize: 0.1, secondCorrection: 1, decay: 0, averageDecay: 0 },
};

test('gradients are added in single precision in their order, with the squares of the sums', () => {
  const states = statesOf(3, 2);
  const share = new ParameterShare(states);
  const batches = [
    batch([1, 2, 3], [1e8, 0]),
    batch([10, 20, 30], [1, -4]),
    batch([100, 200, 300], [-1e8, 1]),
  ];
  for (const rounds of [[3], [2, 1], [1, 2], [1, 1, 1]]) {
    let done = 0;
    for (const count of rounds) {
      share.add(batches.slice(done, done + count), done === 0);
      done += count;
    }
    expect([...share.squares]).toEqual([111 ** 2 * 14, 9]);
    expect(share.update({ settings, scale: 1 })).toBe(true);
    expect(states.map(({ first }) => [...first])).toEqual([
      [111, 222, 333],
      [0, -3],
    ]);
  }
});

test('squares are of the step at hand, also where it has a single batch', () => {
  const states = statesOf(3, 2);
  const share = new ParameterShare(states);
  share.add([batch([1, 1, 1], [1, 1]), batch([1, 1, 1], [1, 1])], true);
  expect([...share.squares]).toEqual([12, 8]);
  share.add([batch([1, 2, 3], [0, -4])], true);
  expect([...share.squares]).toEqual([14, 16]);
  share.add([], false);
  expect([...share.squares]).toEqual([14, 16]);
  share.add([batch([1, 0, 0], [0, Number.NaN])], true);
  expect([...share.squares]).toEqual([1, Number.NaN]);
  expect(share.update({ settings, scale: 1 })).toBe(true);
  expect(states).toEqual(statesOf(3, 2));
  share.add([batch([1, 0, 0], [0, 2])], true);
  share.update({ settings, scale: 1 });
  expect(states.map(({ first }) => [...first])).toEqual([
    [1, 0, 0],
    [0, 2],
  ]);
});

test('a batch alone has the squares, to the bit, of it and nothing', () => {
  for (const length of [0, 1, 2, 7, 100]) {
    const values = Float32Array.from({ length }, (_, index) => Math.sin(index + 1) * 3 ** index);
    const [alone, withZeros] = [
      new ParameterShare(statesOf(length)),
      new ParameterShare(statesOf(length)),
    ];
    alone.add([[values]], true);
    withZeros.add([[values], [new Float32Array(length)]], true);
    expect([...alone.squares]).toEqual([...withZeros.squares]);
  }
});

test('the arrays of batches may be used again at once', () => {
  const states = statesOf(1);
  const share = new ParameterShare(states);
  const [one] = batch([0]);
  [3, 4, 5].forEach((value, index) => {
    one!.fill(value);
    share.add([[one!]], index === 0);
  });
  share.update({ settings, scale: 0.5 });
  expect(states[0]!.first[0]).toBe(6);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  'squares tell of a %d wherever it stands',
  (bad) => {
    for (let at = 0; at < 5; at += 1)
      for (const spoilt of [0, 1]) {
        const share = new ParameterShare(statesOf(1, 5));
        const values = [0, 1].map((number) => {
          const entries = [0, 1, 2, 3, 4];
          if (number === spoilt) entries[at] = bad;
          return batch([1], entries);
        });
        share.add(values, true);
        expect([...share.squares].map(Number.isFinite)).toEqual([true, false]);
      }
  },
);

test('as a service it takes the gradients of the first batches from where they lie', async () => {
  const states = statesOf(2);
  const gradients = [batch([1, 2]), batch([10, 20])];
  const ask = openShare({ states, gradients });
  const reply = (...squares: number[]) => ({ squares: Float64Array.from(squares), finite: true });
  expect(await ask({ add: { batches: 2, begins: true } })).toEqual(reply(11 ** 2 * 5));
  gradients[0]![0]!.set([4, 5]);
  const update = { settings, scale: 1 };
  expect(await ask({ add: { batches: 1, begins: false }, update })).toEqual(
    reply(15 ** 2 + 27 ** 2),
  );
  expect([...states[0]!.first]).toEqual([15, 27]);
  states[0]!.parameter[1] = Number.NaN;
  expect(await ask({ update })).toMatchObject({ finite: false });
});

test('nothing changes where a sum is not finite', () => {
  const states = statesOf(1, 2);
  const share = new ParameterShare(states);
  share.add([batch([1], [2, 3]), batch([1], [2, Number.NaN])], true);
  expect(share.update({ settings, scale: 1 })).toBe(true);
  expect(states).toEqual(statesOf(1, 2));
});
