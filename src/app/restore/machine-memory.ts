import { totalmem } from 'node:os';

/** What of a machine's memory a restoration may take where nothing is said. */
const SHARE = 3 / 4;

/** Bytes that a restoration may take: three quarters of the machine's, or of its container's. */
export function defaultMemory(): number {
  const constrained = process.constrainedMemory?.() ?? 0;
  const total = totalmem();
  return Math.floor(SHARE * (constrained > 0 ? Math.min(constrained, total) : total));
}
