import { expect, test } from 'vitest';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  toFloat32,
} from './half.js';
import { typedTensor } from './tensor.js';

const allPatterns = Uint16Array.from({ length: 65536 }, (_, index) => index);

test('every float16 that is a number survives the way to float32 and back', () => {
  const back = float32ToFloat16(float16ToFloat32(allPatterns));
  const wrong = allPatterns.filter((bits) => (bits & 0x7fff) <= 0x7c00 && back[bits] !== bits);
  expect([...wrong]).toEqual([]);
});

test('every bfloat16 that is a number survives the way to float32 and back', () => {
  const back = float32ToBfloat16(bfloat16ToFloat32(allPatterns));
  const wrong = allPatterns.filter((bits) => (bits & 0x7fff) <= 0x7f80 && back[bits] !== bits);
  expect([...wrong]).toEqual([]);
});

test('NaN stays NaN and infinities keep their sign', () => {
  const values = Float32Array.of(Number.NaN, Infinity, -Infinity);
  expect([...float16ToFloat32(float32ToFloat16(values))]).toEqual([...values]);
  expect([...bfloat16ToFloat32(float32ToBfloat16(values))]).toEqual([...values]);
  const signalling = new Float32Array(Uint32Array.of(0x7f800001).buffer);
  expect(float16ToFloat32(float32ToFloat16(signalling))[0]).toBeNaN();
  expect(bfloat16ToFloat32(float32ToBfloat16(signalling))[0]).toBeNaN();
});

test('known float16 patterns', () => {
  const patterns = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x8000, 0x3555);
  expect([...float16ToFloat32(patterns)]).toEqual([
    1,
    -2,
    65504,
    2 ** -14,
    2 ** -24,
    -0,
    0.333251953125,
  ]);
});

test('float16 rounds to nearest and ties to even, across the subnormal and the infinite edge', () => {
  const halfway = 1 + 2 ** -11;
  const cases: [number, number][] = [
    [halfway, 1],
    [halfway + 2 ** -20, 1 + 2 ** -10],
    [1 + 3 * 2 ** -11, 1 + 2 ** -9],
    [65519.996, 65504],
    [65520, Infinity],
    [2 ** -25, 0],
    [2 ** -25 * 1.0001, 2 ** -24],
    [3 * 2 ** -25, 2 ** -23],
    [2 ** -14 - 2 ** -26, 2 ** -14],
    [-5 * 2 ** -25, -(2 ** -23)],
  ];
  const rounded = float16ToFloat32(float32ToFloat16(Float32Array.from(cases, ([value]) => value)));
  expect([...rounded]).toEqual(cases.map(([, expected]) => expected));
});

test('bfloat16 rounds to nearest and ties to even, up to infinity', () => {
  const cases: [number, number][] = [
    [1 + 2 ** -8, 1],
    [1 + 3 * 2 ** -8, 1 + 2 ** -6],
    [1 + 2 ** -8 + 2 ** -20, 1 + 2 ** -7],
    [3.4028234663852886e38, Infinity],
  ];
  const rounded = bfloat16ToFloat32(
    float32ToBfloat16(Float32Array.from(cases, ([value]) => value)),
  );
  expect([...rounded]).toEqual(cases.map(([, expected]) => expected));
});

test('every data type becomes float32, and float32 is passed through', () => {
  const same = typedTensor('float32', [2], Float32Array.of(1, 2));
  expect(toFloat32(same)).toBe(same);
  expect([...toFloat32(typedTensor('float16', [1], Uint16Array.of(0x3c00))).data]).toEqual([1]);
  expect([...toFloat32(typedTensor('bfloat16', [1], Uint16Array.of(0x3f80))).data]).toEqual([1]);
  expect([...toFloat32(typedTensor('int64', [1], BigInt64Array.of(-7n))).data]).toEqual([-7]);
  expect([...toFloat32(typedTensor('bool', [2], Uint8Array.of(0, 1))).data]).toEqual([0, 1]);
  expect(toFloat32(typedTensor('float64', [], Float64Array.of(0.1))).data[0]).toBe(
    Math.fround(0.1),
  );
});
