import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { appendLog, LOG_FILE, type TrainingProgress, trimLog } from './log.js';

function entry(step: number): TrainingProgress {
  const rates = { learningRate: 1e-3, samplesPerSecond: 1, batchShare: 0.1 };
  return { step, steps: 30, loss: 1 / step, seconds: step, ...rates };
}

async function logged(...steps: number[]): Promise<string> {
  const folder = await temporaryFolder();
  for (const step of steps) await appendLog(folder, entry(step));
  return folder;
}

async function stepsIn(folder: string): Promise<number[]> {
  const text = await readFile(join(folder, LOG_FILE), 'utf8');
  expect(text === '' || text.endsWith('\n')).toBe(true);
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => (JSON.parse(line) as TrainingProgress).step);
}

test('lines after the saved step go, the others stay as they are', async () => {
  const folder = await logged(10, 20, 30);
  await trimLog(folder, 20);
  expect(await stepsIn(folder)).toEqual([10, 20]);
  await trimLog(folder, 5);
  expect(await stepsIn(folder)).toEqual([]);
});

test.each(['{"step":25,"lo', JSON.stringify(entry(20))])(
  'a last line that was cut off goes: %s',
  async (text) => {
    const folder = await logged(10);
    await appendFile(join(folder, LOG_FILE), text);
    await trimLog(folder, 30);
    expect(await stepsIn(folder)).toEqual([10]);
  },
);

test('a run without a log has nothing to trim', async () => {
  await expect(trimLog(await temporaryFolder(), 3)).resolves.toBeUndefined();
});
