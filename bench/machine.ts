import { cpus, release, totalmem, type } from 'node:os';

/** Where and with what a table was measured. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly gibibytes: number;
  readonly system: string;
  readonly node: string;
}

export function describeMachine(): Machine {
  const all = cpus();
  return {
    processor: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    gibibytes: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
    node: process.version,
  };
}

/** The machine and today's date, as documents of measurements name them. */
export function measuredOn(): string {
  const { processor, cores, gibibytes, system, node } = describeMachine();
  const date = new Date().toISOString().slice(0, 10);
  return `${processor}, ${cores} cores, ${gibibytes} GiB, ${system}, Node ${node}, ${date}`;
}
