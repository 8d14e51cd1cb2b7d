import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { tinyPack } from '../src/models/testing/tiny-pack.js';
import { drift, soak } from '../src/restore-files/testing/soak.js';
import { describeMachine } from './machine.js';

/**
 * Restores a tiny image again and again in one process, or images of several sizes in turn, and
 * prints the resident memory of it and its engine process. Linux only.
 *
 *     npx tsx bench/soak.ts --restorations 2000
 */
const { values } = parseArgs({
  options: {
    restorations: { type: 'string', default: '2000' },
    every: { type: 'string', default: '50' },
    sizes: { type: 'string', default: '1' },
  },
});
/** Memory is flat where no look is further from that after the first hundred. */
const FLAT = 0.05;
const restorations = Number(values.restorations);
const every = Number(values.every);
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-soak-'));
const inMebibytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
try {
  const { processor, system, node } = describeMachine();
  console.log(`${processor}, ${system}, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
  const result = await soak({
    ...{ folder, pack: await tinyPack(folder), restorations, every, sizes: Number(values.sizes) },
    onLook: ({ restorations: done, parent, child }) =>
      console.log(
        `${done}: ${inMebibytes(parent + child)} = ${inMebibytes(parent)} + ${inMebibytes(child)}`,
      ),
  });
  const after = Math.min(100, restorations / 2);
  const { above, below } = drift(result.looks, after);
  const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
  console.log(
    `${restorations} restorations in ${result.seconds.toFixed(0)} s: at no look more than` +
      ` ${percent(above)} above what there was after ${after}, or ${percent(below)} below`,
  );
  const { children, left, files, handles, results } = result;
  console.log(
    `${children.length} engine process, ${left.length} left; ${files} files and` +
      ` ${handles.length} handles left open (${handles.join(', ')}); results: ${results.join(', ')}`,
  );
  const isClean = left.length === 0 && files <= 0 && handles.length === 0;
  const isFlat = above <= FLAT && below <= FLAT;
  process.exitCode = isFlat && isClean && children.length === 1 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}
