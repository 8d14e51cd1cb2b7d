import { createLocalRunner } from '../local-runner.js';
import { doubling } from './models.js';

/** A program that starts two workers and leaves them idle. */
const runner = await createLocalRunner({ threads: 2 });
const workers = await runner.compileWorkers!('double', doubling([1]), 2);
process.stdout.write(`${workers.length} workers\n`);
