import { expect, test } from 'vitest';
import { ModelError } from '../../../tensor/errors.js';
import { decodePyTorch } from '../index.js';

/** What is wrong with a file, the file, and what the refusal says. */
export type Refusal = readonly [what: string, bytes: () => Uint8Array, message: RegExp];

/** Tests that each file is refused within a second, with a typed error that names it. */
export function refuses(refusals: readonly Refusal[]): void {
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
