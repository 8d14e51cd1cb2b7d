import { spawn } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What a run of the command line took. */
export interface WatchedRun {
  readonly code: number | null;
  readonly seconds: number;
  /** The most resident bytes of all its processes together. */
  readonly together: number;
  /** The most of each process. */
  readonly processes: readonly number[];
}

/** Runs `dp-ir` and samples the resident memory of its processes from /proc. Linux only. */
export async function runWatched(argv: readonly string[]): Promise<WatchedRun> {
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main, ...argv], { stdio: 'inherit' });
  const started = performance.now();
  let code: number | null | undefined;
  child.on('close', (status) => {
    code = status;
  });
  let together = 0;
  const byProcess = new Map<number, number>();
  while (code === undefined) {
    const resident = await residentOf(child.pid!);
    together = Math.max(together, sum(resident.values()));
    for (const [pid, bytes] of resident)
      byProcess.set(pid, Math.max(bytes, byProcess.get(pid) ?? 0));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const seconds = (performance.now() - started) / 1000;
  return { code, seconds, together, processes: [...byProcess.values()] };
}

/** Resident bytes of a process and all below it. */
async function residentOf(root: number): Promise<Map<number, number>> {
  const resident = new Map<number, number>();
  const waiting = [root];
  for (let pid = waiting.pop(); pid !== undefined; pid = waiting.pop()) {
    try {
      const status = await readFile(`/proc/${pid}/status`, 'utf8');
      resident.set(pid, 1024 * Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0));
      for (const thread of await readdir(`/proc/${pid}/task`)) {
        const children = await readFile(`/proc/${pid}/task/${thread}/children`, 'utf8');
        waiting.push(...children.split(' ').filter(Boolean).map(Number));
      }
    } catch {
      // The process has ended in the meantime.
    }
  }
  return resident;
}

function sum(values: Iterable<number>): number {
  return [...values].reduce((total, value) => total + value, 0);
}
