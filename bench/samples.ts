import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createEngine } from '../src/engine/engine.js';
import { restoreFile } from '../src/restore-files/restore.js';
import { describeMachine } from './machine.js';
import { processorTime } from './processor-time.js';

/**
 * Compares `samples: n` with n restorations one after another, in processor time on one thread.
 *
 *     npx tsx bench/samples.ts photo.png --samples 4
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    model: { type: 'string', default: 'sr4' },
    samples: { type: 'string', default: '4' },
    steps: { type: 'string' },
  },
});
const samples = Number(values.samples);
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-samples-'));
const engine = createEngine();
try {
  const { processor, node } = describeMachine();
  console.log(`${processor}, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
  const steps = values.steps === undefined ? {} : { steps: Number(values.steps) };
  const call = { pack: values.model, engine, threads: 1, ...steps };
  const restore = (extra: object) =>
    restoreFile(positionals[0]!, join(folder, 'out.png'), { ...call, ...extra });
  await restore({});
  const measured = async (work: () => Promise<void>): Promise<number> => {
    const started = processorTime();
    await work();
    return (processorTime() - started) / 1000;
  };
  for (let round = 0; round < 2; round += 1) {
    const apart = await measured(async () => {
      for (let seed = 0; seed < samples; seed += 1) await restore({ seed });
    });
    const together = await measured(async () => void (await restore({ samples })));
    const share = (100 * (1 - together / apart)).toFixed(0);
    console.log(
      `${samples} runs ${apart.toFixed(1)} s, ${samples} samples ${together.toFixed(1)} s: ${share} % less`,
    );
  }
} finally {
  await engine.close();
  await rm(folder, { recursive: true });
}
