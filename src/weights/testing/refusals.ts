import { expect, test } from 'vitest';
import { ModelError } from '../../utils/errors.js';
import { decodeOnnx } from '../onnx/decode-onnx.js';
import { decodePyTorch } from '../pytorch/decode-pytorch.js';

/** What is wrong with a file, the file, and what the refusal says. */
export type Refusal = readonly [what: string, bytes: () => Uint8Array, message: RegExp];

/** Tests that each file is refused within a second, with a typed error that names it. */
export function refusesOnnx(refusals: readonly Refusal[]): void {
  test.each(refusals)('%s', (_, build, message) => {
    const file = build();
    const read = () => decodeOnnx(file, 'bad.onnx');
    const start = performance.now();
    expect(read).toThrow(ModelError);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(read).toThrow(message);
    expect(read).toThrow(/^bad\.onnx: /);
  });
}

/** Tests that each file is refused within a second, with a typed error that names it. */
export function refusesPyTorch(refusals: readonly Refusal[]): void {
  test.each(refusals)('%s', (_, build, message) => {
    const bytes = build();
    const read = () => decodePyTorch(bytes, 'bad.pth');
    const start = performance.now();
    expect(read).toThrow(ModelError);
    expect(performance.now() - start).toBeLessThan(1000);
    expect(read).toThrow(message);
    expect(read).toThrow(/^bad\.pth: /);
  });
}
