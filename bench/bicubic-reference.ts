import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evaluate } from '../src/benchmark/evaluation/evaluate.js';

/**
 * Bicubic enlargement by four on four test sets, in luma PSNR inside a border of 4 with inputs
 * rounded to 8 bits, against the figures that are known of it. Exits with 1 where one is further
 * off than 0.02 dB.
 *
 *   npx tsx bench/bicubic-reference.ts FOLDER
 *
 * FOLDER has the folders set5 and set14, urban-10 (the first ten images of Urban100) and kodak-6
 * (the first six of Kodak), those that are missing are left out.
 */
const known = { set5: 28.43, set14: 26.09, 'urban-10': 23.66, 'kodak-6': 27.51 } as const;
const tolerance = 0.02;

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of the test sets');
const output = await mkdtemp(join(tmpdir(), 'dp-ir-bicubic-'));
console.log('| set | images | dB | known |\n|---|---:|---:|---:|');
try {
  for (const [name, expected] of Object.entries(known)) {
    const { rows } = await evaluate({
      ...{ datasets: [join(folder, name)], output: join(output, name), task: 'sr4' },
      methods: [{ kind: 'bicubic', name: 'bicubic' }],
      ...{ metrics: ['psnr:y:4'], threads: 1 },
    }).catch((error: Error) => {
      console.error(`${name} is left out: ${error.message}`);
      return { rows: [] };
    });
    for (const { items, metrics } of rows) {
      const { mean } = Object.values(metrics)[0]!;
      console.log(`| ${name} | ${items} | ${mean.toFixed(3)} | ${expected} |`);
      if (!(Math.abs(mean - expected) <= tolerance)) process.exitCode = 1;
    }
  }
} finally {
  await rm(output, { recursive: true });
}
