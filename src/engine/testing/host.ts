import { createEngine } from '../engine.js';
import { testJob } from './test-job.js';

/** A program that uses an engine, run by tests as a process of its own. */
const [mode = '', argument = ''] = process.argv.slice(2);
const engine = createEngine();

if (mode === 'leaves') {
  console.log(await engine.run(testJob('processId'), null));
} else if (mode === 'prints') {
  await engine.run(testJob('prints'), argument);
  console.log('from the parent');
} else {
  await engine.run(testJob(mode as 'prints'), argument);
}
