import { ParameterError } from '../../tensor/errors.js';
import { normalizeAxis } from '../shapes.js';
import type { Value } from '../value.js';
import { concat } from './concat.js';
import { slice } from './slice.js';

/** x moved by `shift` places along one axis, what leaves at one end entering at the other. */
export function roll(x: Value, axis: number, shift: number): Value {
  const normalized = normalizeAxis('roll', axis, x.shape.length);
  if (!Number.isInteger(shift)) throw new ParameterError('roll shift', 'an integer', shift);
  const extent = x.shape[normalized]!;
  const cut = (((extent - shift) % extent) + extent) % extent;
  if (cut === 0) return x;
  return concat([slice(x, normalized, cut, extent), slice(x, normalized, 0, cut)], normalized);
}
