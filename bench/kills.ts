import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { tinyPack } from '../src/models/testing/tiny-pack.js';
import { killRestorations } from '../src/restore-files/testing/kills.js';
import { describeMachine } from './machine.js';

/**
 * Kills restorations of a folder, or their engine processes, with SIGKILL at random moments and
 * checks what is left; see `killRestorations`. The program is built for it. Linux only.
 *
 *     npx tsx bench/kills.ts --kills 200 --minutes 60
 */
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    minutes: { type: 'string', default: '60' },
    seed: { type: 'string', default: '0' },
    images: { type: 'string', default: '2' },
  },
});
const root = join(import.meta.dirname, '..');
const built = join(root, 'node_modules/.cache/dp-ir', `kills-${process.pid}`);
const folder = await mkdtemp(join(tmpdir(), 'dp-ir-kills-'));
try {
  const { processor, system, node } = describeMachine();
  console.log(`${processor}, ${system}, Node ${node}, ${new Date().toISOString().slice(0, 10)}`);
  await mkdir(built, { recursive: true });
  await copyFile(join(root, 'package.json'), join(built, 'package.json'));
  const compiler = join(root, 'node_modules/.bin/tsc');
  const project = join(root, 'tsconfig.build.json');
  await promisify(execFile)(compiler, ['-p', project, '--outDir', join(built, 'dist')]);
  const started = performance.now();
  const result = await killRestorations({
    ...{ folder, pack: await tinyPack(folder), kills: Number(values.kills) },
    ...{ images: Number(values.images), seed: Number(values.seed) },
    atMost: Number(values.minutes) * 60_000,
    program: [process.execPath, join(built, 'dist/cli/main.js')],
    onKill: (kills) => {
      if (kills % 20 === 0) console.log(`${kills} kills`);
    },
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const { kills, ofParent, inWrites, wholeRuns, longestOrphan } = result;
  console.log(
    `${kills} kills in ${seconds} s, ${ofParent} of the program and ${kills - ofParent} of its` +
      ` engine process; ${inWrites} left a hidden unfinished file, none a partial result;` +
      ` ${wholeRuns} runs afterwards, all whole; engine processes outlived their program by at` +
      ` most ${longestOrphan.toFixed(0)} ms`,
  );
} finally {
  await rm(built, { recursive: true, force: true });
  await rm(folder, { recursive: true });
}
