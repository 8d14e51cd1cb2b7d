import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { alive } from './testing/processes.js';

const host = fileURLToPath(new URL('./testing/host.ts', import.meta.url));
const tsx = createRequire(import.meta.url).resolve('tsx');

function startHost(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', tsx, host, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('an idle engine does not keep its program alive, and goes with it', async () => {
  const program = startHost('leaves');
  const [output, [code]] = await Promise.all([text(program.stdout!), once(program, 'exit')]);
  expect(code).toBe(0);
  const pid = Number(output.trim());
  expect(pid).toBeGreaterThan(0);
  await expect.poll(() => alive(pid)).toBe(false);
});

test('what a job prints goes to standard error, never to standard output', async () => {
  const program = startHost('prints', 'from the job');
  const [output, errors] = await Promise.all([text(program.stdout!), text(program.stderr!)]);
  expect(output).toBe('from the parent\n');
  expect(errors).toContain('from the job');
});

test.each(['waits', 'blocksAfter', 'opensPipe', 'reports'])(
  'a job that %s ends with a program that is killed',
  async (mode) => {
    const file = join(await temporaryFolder(), 'pid');
    const program = startHost(mode, file);
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8') !== '').toBe(true);
    const pid = Number(readFileSync(file, 'utf8'));
    expect(alive(pid)).toBe(true);
    const errors = text(program.stderr!);
    program.kill('SIGKILL');
    await expect.poll(() => alive(pid)).toBe(false);
    // Whoever killed the program is told nothing.
    expect(await errors).toBe('');
  },
);
