import { inGibibytes, type TrainingMemory } from '../../training/cost/training-memory.js';

/** Announced memory in a line. */
export function describeMemory({ total, results, photographs }: TrainingMemory): string {
  const besides =
    photographs > 0 ? `, and up to ${inGibibytes(photographs)} of decoded photographs` : '';
  return `memory: ${inGibibytes(total)}, ${inGibibytes(results)} of it results of one step${besides}`;
}
