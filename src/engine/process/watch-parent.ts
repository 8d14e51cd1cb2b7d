import { Worker } from 'node:worker_threads';

/** Milliseconds between looks. */
const INTERVAL = 250;

/** Plain JavaScript, so that the thread starts in a moment from sources as well. */
const program = `
const { workerData } = require('node:worker_threads');
const look = () => {
  if (process.ppid !== workerData.parent) process.kill(process.pid, 'SIGKILL');
};
look();
setInterval(look, workerData.interval);
`;

/**
 * Ends this process soon after its parent, whatever its other threads do or wait for: a thread of
 * its own sees that the parent has become another one. Systems that do not tell are left to the
 * closed channel, which is seen between runs.
 * @param parent which it was when it started this process; it may be gone by now.
 */
export function watchParent(parent: number): void {
  const workerData = { parent, interval: INTERVAL };
  const thread = new Worker(program, {
    eval: true,
    execArgv: [],
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2, stackSizeMb: 1 },
  });
  thread.on('error', () => undefined);
  thread.unref();
}
