import { readFileSync } from 'node:fs';
import { childrenOf } from '../src/engine/testing/processes.js';

/** Milliseconds that this process and its engine process have had a processor. Linux only. */
export function processorTime(): number {
  const { user, system } = process.cpuUsage();
  const [child] = childrenOf(process.pid);
  if (child === undefined) return (user + system) / 1000;
  const text = readFileSync(`/proc/${child}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // In hundredths of a second.
  return (user + system) / 1000 + 10 * (Number(fields[11]) + Number(fields[12]));
}
