import path from 'node:path';
import { writeFileAtomic } from '../src/files/write-atomic.js';
import { describeMachine } from './machine.js';
import { type Measured, measureCase } from './measure.js';
import { type BenchOptions, parseOptions, USAGE } from './options.js';
import { measurePeak } from './peak.js';
import { type BenchReport, markdown, table } from './report.js';
import { SidesByKind } from './sides.js';

const words = process.argv.slice(2);
let options: BenchOptions | undefined;
try {
  options = parseOptions(words);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${USAGE}`);
  process.exitCode = 2;
}
if (options !== undefined) process.exitCode = await run(options);

/** Measures, prints and, where the table is complete, writes it; 1 where the sides disagree. */
async function run(options: BenchOptions): Promise<number> {
  const { threads } = options;
  const sides = new SidesByKind(options);
  try {
    const first = await sides.of(options.cases[0]!);
    if (first.pytorch === undefined)
      console.log('python3-torch is not installed: our side alone is measured');
    const facts = await first.pytorch?.about(threads);
    const results: Measured[] = [];
    for (const bench of options.cases) {
      const { engine, pytorch } = await sides.of(bench);
      const measured = await measureCase(bench, engine, pytorch, options);
      results.push(measured);
      console.log(table([measured]).at(-1));
    }
    const { rounds, duration, clock, busyWait } = options;
    const report: BenchReport = {
      date: new Date().toISOString().slice(0, 10),
      command: ['npm run bench', ...(words.length > 0 ? ['--', ...words] : [])].join(' '),
      machine: describeMachine(),
      peak: measurePeak(),
      options: { rounds, threads, duration, clock, busyWait },
      pytorch: facts,
      results,
    };
    console.log(`\n${markdown(report)}`);
    if (options.complete) await write(report);
    if (options.output !== undefined)
      await writeFileAtomic(options.output, new TextEncoder().encode(markdown(report)));
    return disagreements(results);
  } finally {
    await sides.close();
  }
}

async function write(report: BenchReport): Promise<void> {
  const folder = path.join(import.meta.dirname, '..', 'docs');
  const encoder = new TextEncoder();
  const json = `${JSON.stringify(report, null, 2)}\n`;
  await writeFileAtomic(path.join(folder, 'bench.json'), encoder.encode(json));
  await writeFileAtomic(path.join(folder, 'bench.md'), encoder.encode(markdown(report)));
  console.log('written: docs/bench.md, docs/bench.json');
}

function disagreements(results: readonly Measured[]): number {
  let code = 0;
  for (const { bench, pytorch } of results) {
    if (pytorch === undefined) continue;
    const { error, tolerance } = pytorch.agreement;
    if (error <= tolerance) continue;
    console.error(`${bench.name}: the sides differ by ${error}, more than ${tolerance}`);
    code = 1;
  }
  return code;
}
