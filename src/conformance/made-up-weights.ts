import { type Tensor, sizeOf, tensor } from '../tensor/tensor.js';

/** 32-bit FNV-1a of a name's UTF-8 bytes. */
export function nameHash(name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Number `index` of the sequence that belongs to a hash, in [-1, 1). */
export function uniform(hash: number, index: number): number {
  let h = (hash + Math.imul(index, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 8) / 8388608 - 1;
}

/**
 * The made-up value of a parameter, a function of its name and shape alone, so that reference
 * outputs can be compared without storing weights.
 */
export function madeUpParameter(name: string, shape: readonly number[]): Tensor {
  const hash = nameHash(name);
  const { offset, factor } = rangeOf(name, shape);
  const data = new Float32Array(sizeOf(shape));
  for (let index = 0; index < data.length; index++)
    data[index] = offset + factor * uniform(hash, index);
  return tensor(shape, data);
}

function rangeOf(name: string, shape: readonly number[]): { offset: number; factor: number } {
  const leaf = name.slice(name.lastIndexOf('.') + 1);
  if (leaf === 'running_var') return { offset: 1, factor: 0.1 };
  if (leaf === 'running_mean') return { offset: 0, factor: 0.1 };
  if (shape.length >= 2) return { offset: 0, factor: Math.sqrt(1 / sizeOf(shape.slice(1))) };
  if (shape.length === 1 && leaf === 'weight') return { offset: 1, factor: 0.1 };
  return { offset: 0, factor: 0.1 };
}
