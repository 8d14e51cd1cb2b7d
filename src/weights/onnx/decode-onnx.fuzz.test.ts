import { expect, test } from 'vitest';
import { integerAt } from '../../tensor/random.js';
import { processorTime } from '../../tensor/testing/hostile-files.js';
import { ModelError } from '../../utils/errors.js';
import { decodeOnnx } from './decode-onnx.js';
import { model, node, smallGraph, stored, value } from './testing/models.js';

const seed = 20240612;
const interesting = [0, 1, 2, 7, 8, 0x0a, 0x12, 0x2a, 0x3a, 0x7f, 0x80, 0xff];

const bases = [
  model(),
  model({
    node: [
      node('Conv', ['x', 'w'], ['a'], {
        attribute: [{ name: 'kernel_shape', ints: [1n, 1n], type: 7 }],
      }),
      node('Loop', ['a'], ['b'], {
        attribute: [{ name: 'body', g: { node: [node('Relu', ['a'], ['i'])] }, type: 5 }],
      }),
      node('Add', ['b', 'bias'], ['y']),
    ],
    initializer: [
      ...smallGraph.initializer,
      stored('w', [3, 3, 1, 1]),
      { name: 'n', dims: [2n], dataType: 7, int64Data: [300n, -1n] },
    ],
    input: [value('x', [1, 3, 8, 8])],
  }),
];

/** One to three changes of the bytes, a function of the number of the case alone. */
function mutated(bytes: Uint8Array, stream: number): Uint8Array {
  let index = 0;
  const below = (bound: number) => integerAt(seed, stream, index++, bound);
  let result = Uint8Array.from(bytes);
  for (let changes = 1 + below(3); changes > 0 && result.length > 0; changes--) {
    const at = below(result.length);
    const kind = below(6);
    if (kind === 0) result[at]! ^= 1 << below(8);
    else if (kind === 1) result[at] = interesting[below(interesting.length)]!;
    else if (kind === 2) result.fill(0xff, at, at + 1 + below(10));
    else if (kind === 3) result.copyWithin(at, below(result.length), at + below(12));
    else if (kind === 4) result = spliced(result, at, at + 1 + below(8), new Uint8Array());
    else {
      const from = below(result.length);
      result = spliced(result, at, at, result.slice(from, from + 1 + below(24)));
    }
  }
  return result;
}

function spliced(bytes: Uint8Array, from: number, to: number, middle: Uint8Array) {
  const tail = bytes.subarray(Math.min(to, bytes.length));
  const result = new Uint8Array(from + middle.length + tail.length);
  result.set(bytes.subarray(0, from));
  result.set(middle, from);
  result.set(tail, from + middle.length);
  return result;
}

test.each(bases.map((base, index) => [index, base] as const))(
  '60,000 changed files are read or refused with a typed error, soon (base %i)',
  (index, base) => {
    let read = 0;
    let refused = 0;
    let slowest = 0;
    for (let stream = 0; stream < 60_000; stream++) {
      const bytes = mutated(base, index * 1_000_000 + stream);
      const time = processorTime(() => {
        try {
          const { inputs, output, nodes } = decodeOnnx(bytes);
          if (inputs.length === 0 || nodes === 0 || output.elementType === 'no tensor')
            throw new Error('what was read is not whole');
          read += 1;
        } catch (error) {
          if (!(error instanceof ModelError)) throw new Error(`case ${stream}`, { cause: error });
          refused += 1;
        }
      });
      slowest = Math.max(slowest, time);
    }
    expect(read).toBeGreaterThan(1000);
    expect(refused).toBeGreaterThan(20_000);
    expect(slowest).toBeLessThan(1000);
  },
);
