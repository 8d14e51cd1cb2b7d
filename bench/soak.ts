import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { growth, soak } from '../src/app/testing/soak.js';
import { tinyPack } from '../src/app/testing/tiny-pack.js';
import { describeMachine } from './machine.js';

/**
 * Restores a tiny picture again and again in one process and prints the resident memory of it and
 * its engine process. Linux only.
 *
 *     npx tsx bench/soak.ts --restorations 2000
 */
const { values } = parseArgs({
  options: {
    restorations: { type: 'string', default: '2000' },
    every: { type: 'string', default: '50' },
  },
});
const restorations = Number(values.restorations);
const every = Number(values.every);
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-soak-'));
const inMebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
try {
  const { processor, system, node } = describeMachine();
  console.log(`${processor}, ${system}, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
  const result = await soak({
    ...{ folder, pack: await tinyPack(), restorations, every },
    onLook: ({ restorations: done, parent, child }) =>
      console.log(
        `${done}: ${inMebibytes(parent + child)} = ${inMebibytes(parent)} + ${inMebibytes(child)}`,
      ),
  });
  const after = Math.min(100, restorations / 2);
  const grown = growth(result.looks, after);
  console.log(
    `${restorations} restorations in ${result.seconds.toFixed(0)} s: at most` +
      ` ${(100 * grown).toFixed(1)} % more memory than after ${after}`,
  );
  const { children, left, files, handles, results } = result;
  console.log(
    `${children.length} engine process, ${left.length} left; ${files} files and` +
      ` ${handles.length} handles left open (${handles.join(', ')}); results: ${results.join(', ')}`,
  );
  const isClean = left.length === 0 && files <= 0 && handles.length === 0;
  process.exitCode = grown <= 0.05 && isClean && children.length === 1 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
