import { expect, test } from 'vitest';
import { ParameterError } from '../../tensor/errors.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { input } from '../leaves.js';
import type { Value } from '../value.js';
import { checkGradients } from './check-gradients.js';
import { evaluateOn } from './evaluate.js';
import { at, expectClose, filled } from './tensors.js';

type Reduce = (x: Value, axes: readonly number[], keepDimensions?: boolean) => Value;

/** Tests a reduction of a rank-3 tensor over every kind of axes. */
export function testReduction(
  reduce: Reduce,
  formula: (elements: readonly number[]) => number,
  x: Tensor,
): void {
  test.each([[[0]], [[1]], [[-1]], [[0, 2]], [[2, 1]], [[0, 1, 2]], [[1, 1]], [[]]])(
    'over axes %s',
    async (axes) => {
      const reduced = axes.map((axis) => (axis + 3) % 3);
      const kept = x.shape.map((extent, axis) => (reduced.includes(axis) ? 1 : extent));
      const groups = filled(kept, (...place) => {
        const elements: number[] = [];
        filled(x.shape, (...index) => {
          if (index.every((step, axis) => reduced.includes(axis) || step === place[axis]))
            elements.push(at(x, ...index));
          return 0;
        });
        return formula(elements);
      });
      expectClose(await evaluateOn((v) => reduce(v!, axes), [x]), groups);
      const left = x.shape.filter((_, axis) => !reduced.includes(axis));
      const dropped = await evaluateOn((v) => reduce(v!, axes, false), [x]);
      expectClose(dropped, tensor(left, groups.data));
      await checkGradients((v) => reduce(v!, axes), [x]);
      await checkGradients((v) => reduce(v!, axes, false), [x]);
    },
  );

  test('refuses an axis that does not exist', () => {
    expect(() => reduce(input('x', [2, 3]), [2])).toThrow(ParameterError);
    expect(() => reduce(input('x', [2, 3]), [-3])).toThrow(ParameterError);
  });
}
