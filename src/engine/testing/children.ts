import { readdirSync, readFileSync } from 'node:fs';

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
