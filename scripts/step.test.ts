import { expect, test } from 'vitest';
import { Checks } from './checks.js';
import { countCases } from './conformance.js';
import { correlation, meanOverBlocks, sampleImage } from './sample-image.js';
import { commands, execute, judged } from './step.js';
import { countTests } from './unit-tests.js';

test('a program that fails without a failed check, or checks nothing, is a failure', () => {
  const details = 'output';
  expect(judged({ passed: 3, failed: 0, details }, 0)).toEqual({ passed: 3, failed: 0, details });
  expect(judged({ passed: 3, failed: 2, details }, 1)).toMatchObject({ passed: 3, failed: 2 });
  expect(judged({ passed: 3, failed: 0, details }, 1)).toMatchObject({ passed: 3, failed: 1 });
  expect(judged({ passed: 0, failed: 0, details }, 0)).toMatchObject({ passed: 0, failed: 1 });
});

test('a test file that cannot be loaded counts as one failure', () => {
  const report = {
    numPassedTests: 4,
    numFailedTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [] },
      { status: 'failed', assertionResults: [{}] },
      { status: 'passed', assertionResults: [{}, {}, {}, {}] },
    ],
  };
  expect(countTests(JSON.stringify(report))).toEqual({ passed: 4, failed: 2 });
});

test('conformance lines are counted by their verdict', () => {
  const output = 'PASS a 1e-7 2e-5\nFAIL b 3 2e-5\nSKIP c\nPASS d 0 1e-9\n2 passed, 1 failed\n';
  expect(countCases(output)).toEqual({ passed: 2, failed: 1 });
});

test('a step of commands counts exit codes and keeps what a failed one said', async () => {
  const say = (code: number) => [
    process.execPath,
    '-e',
    `console.log('said'); process.exit(${code})`,
  ];
  const result = await commands('two', [say(0), say(3)]).run();
  expect(result).toMatchObject({ passed: 1, failed: 1 });
  expect(result.details).toContain('said');
});

test('a program that does not exist ends with 127', async () => {
  expect((await execute('/no/such/program', [])).code).toBe(127);
});

test('a failed check does not stop the next', async () => {
  const checks = new Checks();
  await checks.run('bad', async () => {
    throw new Error('reason');
  });
  await checks.program('wrong code', process.execPath, ['-e', 'process.exit(4)'], { code: 2 });
  expect(await checks.run('good', async () => 7)).toBe(7);
  const { passed, failed, details } = checks.result();
  expect({ passed, failed }).toEqual({ passed: 1, failed: 2 });
  expect(details).toMatch(/^bad: reason\nwrong code: exit code 4, expected 2/);
});

test('an enlarged image correlates with its original, another one does not', () => {
  const small = sampleImage(8, 6);
  const large = new Uint8Array(32 * 24 * 3);
  for (let y = 0; y < 24; y++)
    for (let x = 0; x < 32; x++)
      for (let channel = 0; channel < 3; channel++)
        large[3 * (y * 32 + x) + channel] = small[3 * ((y >> 2) * 8 + (x >> 2)) + channel]!;
  const original = Float64Array.from(small);
  expect(correlation(meanOverBlocks(large, 32, 24, 4), original)).toBeCloseTo(1, 12);
  expect(correlation(meanOverBlocks(large.reverse(), 32, 24, 4), original)).toBeLessThan(0.9);
  expect(correlation(new Float64Array(original.length), original)).toBeNaN();
});
