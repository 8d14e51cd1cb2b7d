import { createLocalRunner } from '../local-runner.js';
import { doubling } from './models.js';

/** A program that starts two lanes and leaves them idle. */
const runner = await createLocalRunner({ threads: 2 });
const lanes = await runner.compileLanes!('double', doubling([1]), 2);
process.stdout.write(`${lanes.length} lanes\n`);
