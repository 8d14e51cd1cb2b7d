import { createEngine } from '../engine.js';

/** A program that uses an engine, run by tests as a process of its own. */
const [mode = '', argument = ''] = process.argv.slice(2);
const jobs = new URL('./jobs.js', import.meta.url);
const engine = createEngine();

if (mode === 'leaves') {
  console.log(await engine.run(jobs, 'processId', null));
} else if (mode === 'prints') {
  await engine.run(jobs, 'prints', argument);
  console.log('from the parent');
} else {
  await engine.run(jobs, mode, argument);
}
