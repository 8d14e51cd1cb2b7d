import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../src/engine/engine.js';
import { findImages } from '../src/restore-files/batch/find-inputs.js';
import { planWork, targetsIn } from '../src/restore-files/batch/plan-results.js';
import { Batch } from '../src/restore-files/batch/restore-all.js';
import { TimeLeft } from '../src/restore-files/time-left.js';
import { describeMachine } from './machine.js';
import { processorTime } from './processor-time.js';

/**
 * Restores images and compares the time left, as it was told at every message, with the time that
 * it then took.
 *
 *     npx tsx bench/time-left.ts photos/ --model sr4
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'sr4' },
    threads: { type: 'string' },
    /** Measures processor time, which other work on the machine disturbs less; on one thread. */
    'cpu-time': { type: 'boolean', default: false },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-time-left-'));
const engine = createEngine();
const now = values['cpu-time'] ? processorTime : () => performance.now();
try {
  const { processor, cores, node } = describeMachine();
  console.log(
    `${processor}, ${cores} cores, Node ${node}, ${new Date().toISOString().slice(0, 10)}`,
  );
  const targets = await targetsIn(folder, await findImages(positionals));
  const threads = values['cpu-time'] ? 1 : Number(values.threads ?? availableParallelism());
  const request = { pack: values.model, threads };
  const inputs = targets.map(({ input }) => input);
  const left = new TimeLeft(await planWork(inputs, request, { engine }), now);
  const started = now();
  const told: { at: number; left: number }[] = [];
  let index = 0;
  const note = (): void => {
    if (left.left !== undefined) told.push({ at: now() - started, left: left.left });
  };
  const batch = new Batch(request, {
    engine,
    onEvent: (event) => {
      if (event.kind === 'begun') left.begin(index++);
      else if (event.kind === 'progress') left.update(event.progress);
      else left.end(event.kind === 'restored');
      note();
    },
  });
  for (const target of targets) await batch.restore(target);
  const total = now() - started;
  console.log(
    `${targets.length} images in ${(total / 1000).toFixed(0)} s: ${inputs.map((input) => basename(input)).join(', ')}`,
  );
  let worst = 0;
  for (let tenth = 1; tenth <= 9; tenth += 1) {
    const last = told.findLast(({ at }) => at <= (tenth / 10) * total);
    if (last === undefined) continue;
    const truth = total - last.at;
    const error = last.left / truth - 1;
    worst = Math.max(worst, Math.abs(error));
    console.log(
      `after ${tenth}0 %: ${(last.left / 1000).toFixed(1)} s told, ${(truth / 1000).toFixed(1)} s true,` +
        ` ${(100 * error).toFixed(0)} %`,
    );
  }
  console.log(`worst: ${(100 * worst).toFixed(0)} %`);
} finally {
  await engine.close();
  await rm(folder, { recursive: true });
}
