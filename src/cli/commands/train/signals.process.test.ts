import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../files/testing/temporary-folder.js';
import { LOG_FILE } from '../../../training/run/log.js';
import { loadRun } from '../../../training/run/run-folder.js';
import { imageFolder } from '../../../training/testing/fixtures.js';
import { runProgram } from '../../testing/run-program.js';

const data = await imageFolder([60, 44]);
const size = ['--batch', '2', '--crop', '16', '--config', '{"features": 4, "blocks": 1}'];

test.each(['SIGTERM', 'SIGHUP'] as const)('%s saves a training run', async (signal) => {
  const output = await temporaryFolder();
  const argv = ['train', 'restorer', '--data', data, ...size, '--threads', '1', '-o', output];
  argv.push('--steps', '1000000', '--log-every', '1');
  let waiting: NodeJS.Timeout | undefined;
  const { code, stderr } = await runProgram('main.ts', argv, (child) => {
    waiting ??= setInterval(() => {
      if (!existsSync(join(output, LOG_FILE))) return;
      clearInterval(waiting);
      child.kill(signal);
      if (signal === 'SIGHUP') child.kill(signal);
    }, 20);
  });
  expect(code).toBe(130);
  const { step } = (await loadRun(output))!;
  expect(step).toBeGreaterThan(0);
  expect(stderr).toContain(`stopped after step ${step} and saved`);
});
