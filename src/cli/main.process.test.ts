import { existsSync, openSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { commands } from './program.js';
import { runProgram } from './testing/run-program.js';

test('--version prints the version of the package', async () => {
  const file = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  expect(await runProgram('main.ts', ['--version'])).toEqual({
    code: 0,
    stdout: `${version}\n`,
    stderr: '',
  });
});

test('--help lists every command on stdout', async () => {
  const { code, stdout, stderr } = await runProgram('main.ts', ['--help']);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
});

test('an unknown option exits with 2 and the nearest one is suggested', async () => {
  const { code, stdout, stderr } = await runProgram('main.ts', ['--jsno']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe("error: unknown option '--jsno'\n(Did you mean --json?)\n");
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s lets the command stop and exits with 130',
  async (signal) => {
    const { code, stderr } = await runProgram('testing/waiting.ts', ['polite'], (child, said) => {
      if (said === 'waiting\n') child.kill(signal);
    });
    expect(code).toBe(130);
    expect(stderr).toContain(`${signal}: stopping`);
    expect(stderr).toContain('error: waiting was cancelled');
  },
);

test('work goes on to its end, and tells the exit code, where nobody reads results', async () => {
  const { code, stderr } = await runProgram('testing/waiting.ts', ['talks'], (child, said) => {
    if (said === 'waiting\n') child.stdout?.destroy();
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: 'waiting\nthe work is done\n' });
});

test.runIf(existsSync('/dev/full'))(
  'work goes on where results cannot be written, which is a failure in the end',
  async () => {
    const { code, stderr } = await runProgram('testing/waiting.ts', ['talks'], undefined, [
      'ignore',
      openSync('/dev/full', 'w'),
      'pipe',
    ]);
    expect(stderr).toBe(
      'waiting\nthe work is done\nerror: standard output: cannot be written: the disk is full\n',
    );
    expect(code).toBe(1);
  },
);

test('a second hang-up ends nothing, and neither do closed streams', async () => {
  const events: string[] = [];
  let second = false;
  const { code } = await runProgram('testing/waiting.ts', ['deaf'], (child, said) => {
    if (said === 'waiting\n') child.kill('SIGHUP');
    else if (!second) {
      second = true;
      child.stderr?.destroy();
      child.kill('SIGHUP');
      child.once('exit', () => {
        events.push('exit');
      });
      setTimeout(() => {
        events.push('termination');
        child.kill('SIGTERM');
      }, 300);
    }
  });
  expect(code).toBe(130);
  expect(events).toEqual(['termination', 'exit']);
});

test('a second interrupt ends a command that does not listen', async () => {
  const { code } = await runProgram('testing/waiting.ts', ['deaf'], (child, said) => {
    if (said === 'waiting\n' || said.endsWith('stop at once\n')) child.kill('SIGINT');
  });
  expect(code).toBe(130);
});
