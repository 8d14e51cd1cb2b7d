import { readFileSync } from 'node:fs';

/** Single-precision operations that one core can do. */
export interface Peak {
  /** As measured on a busy core. */
  readonly gigahertz: number;
  readonly perCycle: number;
  readonly instructions: string;
}

/**
 * What a core could do at most, with two units that multiply and add, as servers and desktops have had
 * since AVX2; undefined where the processor does not tell.
 */
export function measurePeak(): Peak | undefined {
  let facts: string;
  try {
    facts = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
  const gigahertz = measuredClock();
  if (/\bavx512f\b/.test(facts) && !halvesWideOperations(facts))
    return { gigahertz, perCycle: 64, instructions: 'two units of AVX-512' };
  if (/\bavx2\b/.test(facts))
    return { gigahertz, perCycle: 32, instructions: 'two units of 256 bits' };
  return undefined;
}

/** Zen 4 (family 25 with AVX-512) works on 512 bits in two steps of 256. */
function halvesWideOperations(facts: string): boolean {
  return /^vendor_id\s*: AuthenticAMD/m.test(facts) && /^cpu family\s*: 25$/m.test(facts);
}

/** Cycles between a multiplication of integers and one by its result, on all such processors. */
const MULTIPLICATION_CYCLES = 3;

/** The clock in GHz, which virtual machines do not tell: from multiplications that wait for each other. */
function measuredClock(): number {
  const count = 1e7;
  let [least, value] = [Number.POSITIVE_INFINITY, 1];
  for (let round = 0; round < 8; round += 1) {
    const start = performance.now();
    value = product(value, count);
    least = Math.min(least, performance.now() - start);
  }
  return (MULTIPLICATION_CYCLES * count) / least / 1e6;
}

function product(first: number, count: number): number {
  let value = first | 1;
  for (let index = 0; index < count; index += 1) value = Math.imul(value, 0x9e3779b1);
  return value;
}
