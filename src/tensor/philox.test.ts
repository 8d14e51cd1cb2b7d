import { expect, test } from 'vitest';
import { fillPhilox } from './philox.js';

function block(counter: readonly number[], key: readonly number[]): string {
  const words = new Uint32Array(4);
  const [c0, c1, c2, c3] = counter;
  fillPhilox(words, 1, key[0]!, key[1]!, c0!, c1!, c2!, c3!);
  return [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

test('the known answers published with Random123', () => {
  expect(block([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
  const ones = 0xffffffff;
  expect(block([ones, ones, ones, ones], [ones, ones])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
  expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
    'd16cfe09 94fdcceb 5001e420 24126ea1',
  );
});

test('consecutive blocks are the ciphers of consecutive counters, with carry', () => {
  const words = new Uint32Array(12);
  fillPhilox(words, 3, 11, 12, 0xfffffffe, 6, 7, 8);
  const separate = [
    [0xfffffffe, 6],
    [0xffffffff, 6],
    [0, 7],
  ].map(([c0, c1]) => {
    const one = new Uint32Array(4);
    fillPhilox(one, 1, 11, 12, c0!, c1!, 7, 8);
    return [...one];
  });
  expect([...words]).toEqual(separate.flat());
});
