import { readFile } from 'node:fs/promises';
import { createEngine } from '../../src/engine/engine.js';
import { writeFileAtomic } from '../../src/files/write-atomic.js';
import { documentOf } from './document.js';
import { listTables } from './list.js';
import { trainModule } from './make.js';
import { type PaperOptions, parseOptions, USAGE } from './options.js';
import { LONG, LONG_SEEDS, SEEDS } from './parts.js';
import { tableSection } from './table-section.js';
import { tables } from './tables/index.js';

const HEAD = `# The paper's tables with our own modules

Tables of "A Modular Conditional Diffusion Framework for Image Reconstruction" (Zhussip, Koshelev, Lefkimmiatis, 2024) in form: with our compact modules and the test images that are here, to see which of its statements hold for them. \`npm run paper\` writes this document; \`$DATA\` is the folder of the test images and \`$RUNS\` that of what is trained, made and measured.

Tables are measured on the benchmark, a hundred photographs of BSDS500 on which no module is trained and no setting chosen (\`bench/splits\`), with seeds ${SEEDS.join(', ')}. Rows of more than ${LONG} evaluations are measured on twenty of these photographs with seed ${LONG_SEEDS.join(', ')}, and compared with other rows on the same twenty and the same seed. Scores are means over photographs, each of which is a mean over seeds, with 95 % percentile bootstrap intervals over photographs in brackets.

A statement is judged photograph by photograph: the mean gain of one row over the other, positive where the row is better, with its interval. p is that of a two-sided sign-flip permutation test of the gain being what is expected (of the sliced Wasserstein distance, which judges sets, that of the bootstrap), adjusted by Holm's method over all statements of the table. A statement holds where the gain is above what is expected with an adjusted p below 0.05, does not where it is below with such a p, and is undecided otherwise. Where a row says nothing else, modules are told the nominal noise level and variance is beta_t, as in the paper. Rows that cannot be measured here are named below their table with the command that makes what they need. Seconds were measured beside other work and are upper bounds.`;

async function measureTables(options: PaperOptions, signal: AbortSignal): Promise<void> {
  const engine = createEngine({ processes: 1 });
  try {
    for (const number of options.tables) {
      const table = tables.find((each) => each.number === number)!;
      const written = await tableSection(table, options, engine, signal);
      const { document } = options;
      if (document === undefined) process.stdout.write(`${written.text}\n\n`);
      else {
        const old = await readFile(document, 'utf8').catch(() => undefined);
        await writeFileAtomic(document, new TextEncoder().encode(documentOf(old, [written], HEAD)));
      }
    }
  } finally {
    await engine.close();
  }
}

async function run(signal: AbortSignal): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const options = parseOptions(process.argv.slice(2), process.env);
  const { task, places, steps, threads, modules } = options;
  if (task === 'list') process.stdout.write(await listTables(tables, places, steps));
  else if (task === 'tables') await measureTables(options, signal);
  else for (const name of modules) await trainModule(name, places, { steps, threads, signal });
}

const stopper = new AbortController();
process.once('SIGINT', () => stopper.abort());
process.once('SIGTERM', () => stopper.abort());
await run(stopper.signal).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
