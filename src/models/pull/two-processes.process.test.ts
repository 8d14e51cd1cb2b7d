import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { pullModel } from './pull-model.js';
import { entryOf, weights } from './testing/entries.js';
import { type Answer, send, weightsServer } from './testing/weights-server.js';

const folder = await temporaryFolder();
const bytes = weights();

interface Line {
  readonly done?: number;
  readonly waits?: boolean;
  readonly how?: string;
}

function pullProcess(
  address: string,
  store: string,
  onLine: (line: Line, child: ChildProcess) => void,
): Promise<unknown> {
  const program = join(import.meta.dirname, 'testing', 'pull-process.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, address, store], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (more: string) => {
    const lines = (text + more).split('\n');
    text = lines.pop()!;
    for (const line of lines) onLine(JSON.parse(line), child);
  });
  return once(child, 'close');
}

test('of two processes at once one downloads and the other waits for it', async () => {
  const store = join(folder, 'two');
  let goOn = (): void => undefined;
  const otherWaits = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const slow: Answer = (...request) => void otherWaits.then(() => send(bytes)(...request));
  const server = await weightsServer(slow);
  const outcomes: (string | undefined)[] = [];
  const onLine = ({ waits, how }: Line): void => {
    if (waits) goOn();
    if (how !== undefined) outcomes.push(how);
  };
  await Promise.all([1, 2].map(() => pullProcess(server.address, store, onLine)));
  await server.close();
  expect(outcomes).toEqual(['downloaded', 'present']);
  expect(server.ranges).toEqual([undefined]);
  expect((await readdir(store)).sort()).toEqual(['weights.pth', 'weights.pth.json']);
});

test('what a killed process had fetched is not fetched again', async () => {
  const store = join(folder, 'killed');
  const server = await weightsServer(send(bytes, { until: 40_000, fault: 'stall' }), send(bytes));
  await pullProcess(server.address, store, ({ done }, child) => {
    if (done === 40_000) child.kill('SIGKILL');
  });
  expect((await readdir(store)).sort()).toContain('weights.pth.lock');
  const { how } = await pullModel(entryOf(bytes, [server.address]), { folder: store });
  await server.close();
  expect(how).toBe('downloaded');
  expect(server.ranges).toEqual([undefined, 'bytes=40000-']);
  expect((await readdir(store)).sort()).toEqual(['weights.pth', 'weights.pth.json']);
});
