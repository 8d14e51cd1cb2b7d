import { readdirSync, readFileSync } from 'node:fs';

/** Child processes that Node started in a process, its engine processes among them. Linux only. */
export function childrenOf(parent: number): number[] {
  const children: number[] = [];
  for (const thread of readdirSync(`/proc/${parent}/task`)) {
    const text = readFileSync(`/proc/${parent}/task/${thread}/children`, 'utf8');
    children.push(...text.split(' ').filter(Boolean).map(Number));
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
