import { expect, test } from 'vitest';
import { runProgram } from '../testing/run-program.js';

test('devices are listed with the processor first, and the processor works', async () => {
  const { code, stdout } = await runProgram('main.ts', ['devices', '--json']);
  expect(code).toBe(0);
  const lines = stdout.trimEnd().split('\n');
  const devices = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(devices[0]).toEqual({ name: 'cpu', bundled: true, usable: true });
  for (const device of devices.slice(1))
    expect(device.usable === true || typeof device.reason === 'string').toBe(true);
});

test('an unknown option of a command exits with 2', async () => {
  const { code, stdout, stderr } = await runProgram('main.ts', ['devices', '--qiet']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe("error: unknown option '--qiet'\n(Did you mean --quiet?)\n");
});
