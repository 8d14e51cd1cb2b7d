import { readdirSync, readFileSync } from 'node:fs';

/** Whether a process runs. One that has ended but is not yet reaped by its parent does not. */
export function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** The engine processes of a process; none of one that has ended. Linux only. */
export function childrenOf(parent: number): number[] {
  const children: number[] = [];
  try {
    for (const thread of readdirSync(`/proc/${parent}/task`)) {
      const text = readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8');
      children.push(...text.split(' ').filter(Boolean).map(Number));
    }
  } catch {
    // The process or one of its threads has ended in the meantime.
  }
  return children.filter((pid) => /child\.(ts|js)/.test(commandOf(pid)));
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
