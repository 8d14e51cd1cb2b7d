import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Engine } from '../engine/engine.js';
import { alive } from '../engine/testing/processes.js';
import { testJob } from '../engine/testing/test-job.js';
import { withSharedEngine } from './restore.js';

// However slow the machine, no engine loses its patience before time is made to pass.
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  if (vi.isFakeTimers()) vi.runAllTimers();
  vi.useRealTimers();
});

const pidOf = (engine: Engine) => engine.run(testJob('processId'), null);

test('calls that follow one another share a process, calls at the same time do not', async () => {
  const first = await withSharedEngine(pidOf);
  expect(await withSharedEngine(pidOf)).toBe(first);
  const both = await Promise.all([withSharedEngine(pidOf), withSharedEngine(pidOf)]);
  expect(new Set(both).size).toBe(2);
  const left = await withSharedEngine(pidOf);
  expect(both).toContain(left);
  for (const pid of both) expect(alive(pid)).toBe(pid === left);
});

test('a call from another folder, and one after a failure, has a process of its own', async () => {
  const first = await withSharedEngine(pidOf);
  vi.spyOn(process, 'cwd').mockReturnValue('/elsewhere');
  const second = await withSharedEngine(pidOf);
  vi.restoreAllMocks();
  expect(second).not.toBe(first);
  expect(alive(second)).toBe(false);
  const failing = withSharedEngine(async (engine) => {
    expect(await pidOf(engine)).toBe(first);
    throw new Error('a bug in the work');
  });
  await expect(failing).rejects.toThrow('a bug in the work');
  expect(alive(first)).toBe(false);
});

test('an engine that waits ends after five seconds', async () => {
  const pid = await withSharedEngine(pidOf);
  vi.advanceTimersByTime(4900);
  expect(await withSharedEngine(pidOf)).toBe(pid);
  vi.advanceTimersByTime(5100);
  vi.useRealTimers();
  await expect.poll(() => alive(pid)).toBe(false);
});

test('it keeps no program alive, and ends with it', async () => {
  const spare = new URL('./restore.ts', import.meta.url);
  const program = `
    const { withSharedEngine } = await import(${JSON.stringify(String(spare))});
    console.log(await withSharedEngine((engine) => engine.run(${JSON.stringify(testJob('processId'))}, null)));
    // A timer that keeps nothing alive fires only where something else does.
    setTimeout(() => console.log('still here'), 4500).unref();`;
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const argv = ['--import', tsx, '--input-type=module', '-e', program];
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.on('data', (text) => {
    said += text;
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  vi.useRealTimers();
  await expect.poll(() => alive(Number(said))).toBe(false);
});
