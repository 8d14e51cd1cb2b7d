import { type ResizeTarget, resizeBicubic } from '../../degradation/bicubic-resize.js';
import type { Tensor } from '../../tensor/tensor.js';
import { compareTensors, floatTensor, worst } from '../compare.js';
import type { Kind } from '../kind.js';

const factorName = /^(div|mul)(\d+(?:\.\d+)?)$/;

/** `input` resized by the factors that the names of the other tensors state. */
export const bicubic: Kind = {
  name: 'bicubic',
  recognises: ({ tensors }) =>
    tensors.has('input') && [...tensors.keys()].some((name) => factorName.test(name)),
  async run(candidate) {
    const input = floatTensor(candidate, 'input');
    const names = [...candidate.tensors.keys()].filter((name) => name !== 'input');
    return worst(
      names.map((name) => {
        const expected = floatTensor(candidate, name);
        const received = resizeBicubic(input, targetOf(name, expected));
        return compareTensors(name, received, expected, () => 1e-5);
      }),
    );
  },
};

function targetOf(name: string, expected: Tensor): ResizeTarget {
  const [, direction, digits] = factorName.exec(name) ?? [];
  if (digits === undefined)
    return { height: expected.shape.at(-2) ?? 0, width: expected.shape.at(-1) ?? 0 };
  return { scale: direction === 'div' ? 1 / Number(digits) : Number(digits) };
}
