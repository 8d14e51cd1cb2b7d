import { Worker } from 'node:worker_threads';

/** Milliseconds between looks at the parent, and at memory where it is limited. */
const INTERVAL = 250;
const MEMORY_INTERVAL = 25;

/** Plain JavaScript, so that the thread starts in a moment from sources as well. */
const program = `
const { workerData } = require('node:worker_threads');
const { parent, memory, interval } = workerData;
const look = () => {
  const isOver = memory !== undefined && process.memoryUsage.rss() > memory;
  if (isOver || process.ppid !== parent) process.kill(process.pid, 'SIGKILL');
};
look();
setInterval(look, interval);
`;

/**
 * Ends this process soon after its parent, whatever its other threads do or wait for: a thread of
 * its own sees that the parent has become another one. Systems that do not tell are left to the
 * closed channel, which is seen between runs.
 * @param parent which it was when it started this process; it may be gone by now.
 * @param memory bytes beyond which the process is ended as well.
 */
export function watchProcess(parent: number, memory?: number): void {
  const interval = memory === undefined ? INTERVAL : MEMORY_INTERVAL;
  const thread = new Worker(program, {
    eval: true,
    execArgv: [],
    workerData: { parent, memory, interval },
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.on('error', () => undefined);
  thread.unref();
}
