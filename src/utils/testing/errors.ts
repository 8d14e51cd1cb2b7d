import { expect } from 'vitest';

/**
 * Matches an error of this package by the parameter, file or tensor that is at fault, whatever its
 * message says.
 * @example
 * expect(() => resizeBicubic(image, { width: 0 })).toThrow(withSubject('width'));
 */
export function withSubject(subject: string): Error {
  return expect.objectContaining({
    details: expect.objectContaining({ subject }) as object,
  }) as Error;
}
