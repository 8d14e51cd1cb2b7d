import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { alive, childrenOf } from '../../src/engine/testing/processes.js';
import { writeTestImage } from '../../src/images/testing/image-files.js';
import { packFolder } from '../../src/models/testing/pack-folder.js';

/**
 * Runs `dp-ir` on files and names that are none as it expects them: devices, pipes, links, folders,
 * places that cannot be written, as root and as an ordinary user. Every command has to end by
 * itself with an exit code of its table, without a stack, a process left behind, or a change of a
 * file that it was not asked to write. Ends with exit code 1 where one does not. Linux only.
 *
 *     npm run build && npx tsx bench/attack/special.ts --minutes 5
 */
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '5' }, from: { type: 'string', default: '0' } },
});
const root = join(import.meta.dirname, '../..');
const program = join(root, 'dist/cli/main.js');
/** Seconds of processor time, twice over, in which a command that waits for nobody is done. */
const PATIENCE = 120_000;
const ORDINARY = 65_534;

const folder = await mkdtemp(join(tmpdir(), 'dp-ir-special-'));
await chmod(folder, 0o755);
const pack = await packFolder(folder);
const place = (name: string): string => join(folder, name);
const theirs = place('theirs.txt');
await writeFile(theirs, 'theirs');
await writeTestImage(place('good.png'), 9, 7);
await mkdir(place('open'));
await chmod(place('open'), 0o777);
await mkdir(place('closed'));
await writeFile(place('secret.png'), 'secret', { mode: 0o600 });

/** What stands in the place of an input. */
const inputs: Readonly<Record<string, (path: string) => Promise<unknown> | unknown>> = {
  pipe: (path) => execFileSync('mkfifo', [path]),
  'link to pipe': async (path) => {
    execFileSync('mkfifo', [`${path}.fifo`]);
    await symlink(`${path}.fifo`, path);
  },
  zero: (path) => symlink('/dev/zero', path),
  urandom: (path) => symlink('/dev/urandom', path),
  'no terminal': (path) => symlink('/dev/tty', path),
  'messages of the kernel': (path) => symlink('/proc/kmsg', path),
  'memory of itself': (path) => symlink('/proc/self/mem', path),
  folder: (path) => mkdir(path),
  circle: (path) => symlink(path, path),
  nothing: (path) => symlink('/nowhere', path),
  forbidden: (path) => symlink(place('secret.png'), path),
  'control characters': () => undefined,
};

/** Commands that read a file at a path. */
const readers: Readonly<Record<string, (path: string, out: string) => string[]>> = {
  restore: (path, out) => ['restore', '-i', path, '-o', `${out}.png`, '--model', pack],
  'restore folder': (path, out) => [
    'restore',
    '-i',
    path,
    '-o',
    `${out}/`,
    '--model',
    pack,
    '--resume',
  ],
  restorer: (path, out) => [
    ...['restore', '-i', place('good.png'), '-o', `${out}.png`, '--model', pack],
    ...['--restorer', path],
  ],
  contract: (path, out) => [
    ...['restore', '-i', place('good.png'), '-o', `${out}.png`, '--model', pack],
    ...['--restorer', place('good.png'), '--restorer-contract', path],
  ],
  burst: (path, out) => ['restore', '--task', 'burst', '-i', path, '-o', `${out}.png`],
  metrics: (path) => ['metrics', '-t', path, '-r', place('good.png')],
  trajectory: (path, out) => ['trajectory', '-i', path, '-o', `${out}.html`, '--model', pack],
  demo: (path, out) => ['demo', path, '-o', out],
  inspect: (path) => ['models', 'inspect', path],
  import: (path, out) => ['models', 'import', path, '-o', `${out}.safetensors`],
  pull: (path, out) => ['models', 'pull', 'rrdb-psnr-x4', '--from', path, '--store', out],
  recipe: (path, out) => ['train', 'restorer', '--recipe', path, '-o', out],
};

/** Places that results cannot go to, with what is to be written there. */
const outputs: Readonly<Record<string, string>> = {
  'in a file': join(theirs, 'x'),
  'in /proc': '/proc/x/y',
  'in a closed folder': join(place('closed'), 'x'),
  'of a long name': place(`open/${'x'.repeat(300)}`),
  'in /dev/full': '/dev/full/x',
  'of control characters': place('open/a\u001b[2Jb'),
};

interface Case {
  readonly name: string;
  readonly argv: readonly string[];
}

const cases: Case[] = [];
let number = 0;
for (const [what, make] of Object.entries(inputs))
  for (const [command, words] of Object.entries(readers)) {
    number += 1;
    const path = place(what === 'control characters' ? `c\u001b[2J${number}.png` : `${number}.png`);
    await make(path);
    cases.push({ name: `${command} of ${what}`, argv: words(path, place(`open/r${number}`)) });
  }
for (const [what, out] of Object.entries(outputs))
  for (const [command, words] of Object.entries(readers))
    cases.push({ name: `${command} ${what}`, argv: words(place('good.png'), out) });

const users = process.getuid?.() === 0 ? [undefined, ORDINARY] : [undefined];
const end = performance.now() + Number(values.minutes) * 60_000;
let [done, faults] = [0, 0];
const all = users.flatMap((user) => cases.map((one) => ({ user, ...one })));
try {
  for (const { user, name, argv } of all.slice(Number(values.from))) {
    if (performance.now() > end) break;
    const fault = await attempt(argv, user);
    done += 1;
    if (fault === undefined) continue;
    faults += 1;
    console.log(`${name}${user === undefined ? '' : ' (ordinary user)'}: ${fault}`);
  }
  console.log(`${done} of ${all.length} commands, ${faults} faults`);
  if (done < all.length) console.log(`go on with --from ${Number(values.from) + done}`);
  process.exitCode = faults === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true });
}

/** What should not be; undefined where nothing is. */
async function attempt(argv: readonly string[], user?: number): Promise<string | undefined> {
  const child = spawn(process.execPath, [program, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(user !== undefined && { uid: user, gid: user }),
    env: { ...process.env, HOME: user === undefined ? place('home') : '/nonexistent' },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const engines = new Set<number>();
  const watch = setInterval(() => {
    for (const pid of childrenOf(child.pid!)) engines.add(pid);
  }, 20);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill('SIGKILL');
  }, PATIENCE);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(watch);
  clearTimeout(timer);
  if (isLate) return 'did not end';
  if (code === null || ![0, 1, 2, 3, 4].includes(code)) return `exit code ${code}: ${said}`;
  if (/^ {4}at /m.test(said) || said.includes('does not foresee')) return `a stack: ${said}`;
  if ([...engines].some(alive)) return 'left a process behind';
  if ((await readFile(theirs, 'utf8')) !== 'theirs') return 'changed a file of others';
  const left = (await readdir(place('open'), { recursive: true })).filter((one) =>
    /\.(tmp|lock|copy)(\.\w+)?$/.test(one),
  );
  return left.length === 0 ? undefined : `left ${left.join(', ')}`;
}
