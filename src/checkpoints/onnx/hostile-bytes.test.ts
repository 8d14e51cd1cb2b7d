import { describe, expect, test } from 'vitest';
import { ModelError } from '../../tensor/errors.js';
import { decodeOnnx } from './index.js';
import { model, node } from './testing/models.js';
import { refuses } from './testing/refusals.js';

const good = model();
const noBytes = new Uint8Array();

function bytes(...parts: readonly (number | Uint8Array | string)[]): Uint8Array {
  return new Uint8Array(
    parts.flatMap((part) =>
      typeof part === 'number'
        ? [part]
        : typeof part === 'string'
          ? [...new TextEncoder().encode(part)]
          : [...part],
    ),
  );
}

/** A field with a length, in bytes of protobuf. */
function field(number: number, content: Uint8Array): Uint8Array {
  const length: number[] = [];
  for (let left = content.length; ; left = Math.floor(left / 128)) {
    length.push(left < 128 ? left : (left % 128) | 0x80);
    if (left < 128) break;
  }
  return bytes((number << 3) | 2, new Uint8Array(length), content);
}

/** Graphs in attributes of nodes of graphs. */
function nested(depth: number): Uint8Array {
  let graph: Uint8Array = new Uint8Array();
  for (let level = 0; level < depth; level++)
    graph = field(1, bytes(field(4, bytes('If')), field(5, field(6, graph))));
  return bytes(8, 9, field(7, graph));
}

function nestedMessages(depth: number): Uint8Array {
  return bytes(...Array.from({ length: depth }, () => bytes(0x3a, 0xff, 0xff, 0xff, 0x7f)));
}

function manyFields(): Uint8Array {
  const all = new Uint8Array(10_000_000);
  for (let at = 0; at < all.length; at += 2) all[at] = 0x28;
  return all;
}

test('the frame around the hostile parts is itself good', () => {
  expect(decodeOnnx(good).nodes).toBe(1);
});

describe('bytes that are no protobuf, or too much of it, are refused', () => {
  refuses([
    ['an empty file', () => noBytes, /is empty/],
    ['text', () => bytes('this is no model at all'), /wire type|cut off|no valid number|field/],
    ['a picture', () => bytes(0x89, 'PNG\r\n', 0x1a, '\n', 0, 0, 0, 13), /model/],
    ['a zip archive', () => bytes('PK', 3, 4, 20, 0, 0, 0), /model/],
    ['a varint that is cut off', () => bytes(0x08, 0xff, 0xff), /cut off in an integer/],
    ['a varint without end', () => bytes(0x08, ...Array(11).fill(0xff)), /does not end/],
    ['a field of number 0', () => bytes(0x02, 0x00), /no valid number/],
    [
      'a field number beyond 2^29',
      () => bytes(0xff, 0xff, 0xff, 0xff, 0xff, 1, 0),
      /no valid number/,
    ],
    ['a group', () => bytes(0x08, 9, 0x0b, 0x0c), /wire type 3/],
    ['the wire type 7', () => bytes(0x08, 9, 0x0f), /wire type 7/],
    [
      'a graph that is a number',
      () => bytes(0x08, 9, 0x38, 1),
      /field 7 is an integer, expected bytes/,
    ],
    ['a version that is text', () => bytes(0x0a, 1, 0x39), /field 1 is bytes, expected an integer/],
    [
      'a graph of 4 GiB',
      () => bytes(0x08, 9, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f),
      /4294967295 bytes/,
    ],
    [
      'a graph of 2^63 bytes',
      () => bytes(0x3a, ...Array(9).fill(0xff), 0x01),
      /is cut off: field 7 has 18446744073709552000 bytes/,
    ],
    ['lengths that exceed each other', () => nestedMessages(100_000), /cut off/],
    ['a file that is cut off', () => good.subarray(0, good.length - 3), /cut off/],
    ['graphs nested 9 deep', () => nested(9), /nested deeper than 8/],
    ['graphs nested 100 deep', () => nested(100), /nested deeper than 8/],
    ['two graphs', () => bytes(good, good), /twice/],
    ['five million fields', manyFields, /more than 4000000 protobuf fields/],
    ['a name of no UTF-8', () => model().map((byte) => (byte === 0x78 ? 0xff : byte)), /UTF-8/],
    [
      'a name of 5000 bytes',
      () => model({ node: [node('A'.repeat(5000), ['x'], ['y'])] }),
      /text of 5000/,
    ],
  ]);
});

test('a file cut off anywhere is refused', () => {
  for (let length = 0; length < good.length; length++)
    expect(() => decodeOnnx(good.subarray(0, length))).toThrow(ModelError);
});
