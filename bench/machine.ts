import { readFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';

/** Where and with what a table was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly gibibytes: number;
  readonly system: string;
  readonly node: string;
  /** What a core could do at most; undefined where the processor does not tell. */
  readonly peak: Peak | undefined;
}

/** Single-precision operations that one core can do. */
export interface Peak {
  readonly gigahertz: number;
  readonly perCycle: number;
  readonly instructions: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    gibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
    peak: peakOf(),
  };
}

/** Two units that multiply and add, as servers and desktops have had since AVX2. */
function peakOf(): Peak | undefined {
  let facts: string;
  try {
    facts = readFileSync('/proc/cpuinfo', 'utf8');
  } catch {
    return undefined;
  }
  const megahertz = Number(/^cpu MHz\s*: ([\d.]+)/m.exec(facts)?.[1] ?? 0);
  const wide = /\bavx512f\b/.test(facts);
  if (megahertz === 0 || !(wide || /\bavx2\b/.test(facts))) return undefined;
  return {
    gigahertz: megahertz / 1000,
    perCycle: wide ? 64 : 32,
    instructions: wide ? 'AVX-512' : 'AVX2',
  };
}
