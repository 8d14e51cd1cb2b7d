import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { ParameterScope } from '../../graph/index.js';
import { findImageNetwork } from '../../networks/registry.js';
import { encodeSafetensors } from '../../tensor/safetensors.js';
import { tensor } from '../../tensor/tensor.js';
import { ModelError, OutputError } from '../../utils/errors.js';
import { freshState, requireState } from '../step/state.js';
import { imageFolder } from '../testing/fixtures.js';
import { restorerRecipe } from '../testing/recipes.js';
import { contentOf, logOf, trainHere } from '../testing/runs.js';
import {
  LOCK_FILE,
  loadRun,
  lockRun,
  makeRunFolder,
  PREVIEW_FOLDER,
  type RunPosition,
  removeLeftovers,
  saveRun,
} from './run-folder.js';

async function folderWith(state: Uint8Array): Promise<string> {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'state.safetensors'), state);
  return folder;
}

function encodedState(metadata: Record<string, string>): Uint8Array {
  return encodeSafetensors(
    new Map([['w', tensor([2], [1, 2])]]),
    new Map(Object.entries(metadata)),
  );
}

const recipe = restorerRecipe('photos');

test('a folder without a state holds no run', async () => {
  expect(await loadRun(await temporaryFolder())).toBeUndefined();
});

test('a state of before modules were recorded reads back', async () => {
  const text = JSON.stringify(recipe);
  const folder = await folderWith(encodedState({ recipe: text, step: '7', seconds: '1.500' }));
  expect(await loadRun(folder)).toMatchObject({ recipe, step: 7, seconds: 1.5, modules: {} });
});

test('a state of before recipes had the later entries is one of what was done then', async () => {
  const later = ['accumulate', 'adam', 'edge', 'frequency', 'freeze', 'keep', 'weightDecay'];
  const earlier = Object.entries(recipe).filter(([name]) => !later.includes(name));
  expect(earlier.length).toBe(Object.keys(recipe).length - later.length);
  const text = JSON.stringify(Object.fromEntries(earlier));
  const folder = await folderWith(encodedState({ recipe: text, step: '7' }));
  expect((await loadRun(folder))!.recipe).toEqual(recipe);
  expect(recipe).toMatchObject({ accumulate: 1, edge: 0, frequency: 0, keep: 1, weightDecay: 0 });
});

test.each<[string, Uint8Array]>([
  ['cut off', encodedState({ recipe: JSON.stringify(recipe), step: '7' }).subarray(0, 40)],
  ['no step', encodedState({ recipe: JSON.stringify(recipe) })],
  ['no recipe', encodedState({ step: '7' })],
  ['a recipe that is not JSON', encodedState({ recipe: '{', step: '7' })],
])('a state file with %s is refused by name', async (_, bytes) => {
  const folder = await folderWith(bytes);
  await expect(loadRun(folder)).rejects.toThrow(ModelError);
  await expect(loadRun(folder)).rejects.toThrow(join(folder, 'state.safetensors'));
});

test('a state of another network is refused by the first tensor that does not fit', () => {
  const scope = new ParameterScope();
  scope.parameter('w', [2, 2], { kind: 'zeros' });
  const tensors = new Map([['w', tensor([4])]]);
  expect(() => requireState(tensors, scope.declared(), 'run')).toThrow(
    "run: w does not fit the recipe's network",
  );
});

test('a folder that cannot be made is an error of output', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  await expect(makeRunFolder(join(file, 'run'))).rejects.toThrow(OutputError);
});

test('making a folder tells whether it is new', async () => {
  const folder = join(await temporaryFolder(), 'new', 'run');
  expect(await makeRunFolder(folder)).toBe(true);
  expect(await makeRunFolder(folder)).toBe(false);
});

test('what a killed process left half written is removed, and nothing else', async () => {
  const folder = await temporaryFolder();
  const halves = ['state', 'state-12', 'weights', 'best'].map((name) => `${name}.safetensors`);
  for (const name of [...halves, 'run.lock', 'log.jsonl'])
    await writeFile(join(folder, `.${name}.0123456789ab.tmp`), 'half');
  const previews = join(folder, PREVIEW_FOLDER);
  await mkdir(previews);
  await writeFile(join(previews, '.step-4-0.png.0123456789ab.tmp'), 'half');
  const kept = ['.mine.0123456789ab.tmp', 'best.safetensors', 'run.lock', 'state-12.safetensors'];
  for (const name of kept) await writeFile(join(folder, name), 'whole');
  await removeLeftovers(folder);
  expect((await readdir(folder)).sort()).toEqual([...kept, PREVIEW_FOLDER].sort());
  expect(await readdir(previews)).toEqual([]);
});

const data = await imageFolder([60, 44], [40, 70]);
const network = findImageNetwork('compact-restorer')!;
const result = { network, config: {}, names: ['w'] };

function positionAt(step: number, keep: number): RunPosition {
  return { recipe: restorerRecipe(data, { keep }), step, seconds: 1, modules: {} };
}

const stateOf = (step: number) => freshState(new Map([['w', tensor([2], [step, -step])]]));

async function save(folder: string, step: number, keep: number, write?: typeof writeFileAtomic) {
  await saveRun(folder, positionAt(step, keep), stateOf(step), result, write);
}

async function states(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.startsWith('state')).sort();
}

test('as many states are kept as asked for, the newest ones', async () => {
  const folder = await temporaryFolder();
  for (const step of [8, 9, 10, 11]) await save(folder, step, 3);
  expect(await states(folder)).toEqual([
    'state-10.safetensors',
    'state-11.safetensors',
    'state-9.safetensors',
  ]);
  expect(await loadRun(folder)).toMatchObject({ step: 11, damaged: [] });
});

test('one state has one name', async () => {
  const folder = await temporaryFolder();
  for (const step of [1, 2]) await save(folder, step, 1);
  expect(await states(folder)).toEqual(['state.safetensors']);
});

test('behind damaged states the newest whole one is found, and they are told', async () => {
  const folder = await temporaryFolder();
  for (const step of [1, 2, 3]) await save(folder, step, 3);
  const [second, third] = [2, 3].map((step) => join(folder, `state-${step}.safetensors`));
  await writeFile(third!, (await readFile(third!)).subarray(0, 60));
  await writeFile(second!, '');
  expect(await loadRun(folder)).toMatchObject({ step: 1, damaged: [third, second] });
  await writeFile(join(folder, 'state-1.safetensors'), 'x');
  await expect(loadRun(folder)).rejects.toThrow(ModelError);
  await expect(loadRun(folder)).rejects.toThrow(third);
});

// Every write in turn meets a full disk; what was saved before must read back.
test.each([1, 2])(
  'a disk that is full at write %i of a save loses no saved state',
  async (fatal) => {
    for (const keep of [1, 2]) {
      const folder = await temporaryFolder();
      await save(folder, 1, keep);
      let writes = 0;
      const full: typeof writeFileAtomic = async (path, content) => {
        writes += 1;
        if (writes < fatal) return writeFileAtomic(path, content);
        const cause = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
        throw new OutputError(path, 'cannot be written: the disk is full', { cause });
      };
      await expect(save(folder, 2, keep, full)).rejects.toThrow('the disk is full');
      const { step, tensors } = (await loadRun(folder))!;
      expect(step).toBe(fatal === 1 ? 1 : 2);
      expect([...tensors.get('w')!.data]).toEqual([step, -step]);
      await save(folder, 2, keep);
      expect((await loadRun(folder))!.step).toBe(2);
    }
  },
);

test('a run goes on from before a damaged state, says so, and ends in the same bits', async () => {
  const recipe = restorerRecipe(data, { keep: 2, steps: 6 });
  const whole = await temporaryFolder();
  await trainHere({ recipe, output: whole, saveEvery: 0 });
  const output = await temporaryFolder();
  await trainHere({ recipe, output, saveEvery: 0, logEvery: 1 }, 5).catch(() => undefined);
  expect(await states(output)).toEqual(['state-4.safetensors', 'state-5.safetensors']);
  const damaged = join(output, 'state-5.safetensors');
  const bytes = await readFile(damaged);
  await writeFile(damaged, bytes.subarray(0, bytes.length - 8));
  await trainHere({ recipe, output, resume: true, saveEvery: 0, logEvery: 1 });
  expect(await contentOf(output)).toEqual(await contentOf(whole));
  expect(await readdir(output)).toContain('state-5.safetensors.damaged');
  const log = await logOf(output);
  expect(log.map(({ step }) => step)).toEqual([1, 2, 3, 4, 4, 5, 6]);
  expect(log[4]).toEqual({
    step: 4,
    warning: `${damaged} is damaged and was renamed; the run continues from step 4`,
  });
});

async function lockedBy(holder: object | string): Promise<string> {
  const folder = await temporaryFolder();
  const text = typeof holder === 'string' ? holder : JSON.stringify(holder);
  await writeFile(join(folder, LOCK_FILE), text);
  return folder;
}

async function deadProcess(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid!;
}

test('a folder is held until it is released, and leaves nothing behind', async () => {
  const folder = await temporaryFolder();
  const lock = await lockRun(folder);
  await expect(lockRun(folder)).rejects.toThrow(OutputError);
  await expect(lockRun(folder)).rejects.toThrow(`process ${process.pid} on ${hostname()}`);
  await lock.release();
  expect(await readdir(folder)).toEqual([]);
  await (await lockRun(folder)).release();
});

test('the lock of a process that is gone counts for nothing', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: hostname(), started: '1' });
  const lock = await lockRun(folder);
  expect(await readdir(folder)).toEqual([LOCK_FILE]);
  await lock.release();
});

test.runIf(process.platform === 'linux')(
  'a later process of the same number does not hold the folder',
  async () => {
    const folder = await lockedBy({ pid: process.pid, host: hostname(), started: '1' });
    await (await lockRun(folder)).release();
  },
);

test('the lock of another machine is believed', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: 'elsewhere', started: '1' });
  await expect(lockRun(folder)).rejects.toThrow('on elsewhere trains here already');
});

test.each(['', '{"pid":', '{"pid":"7"}'])(
  'a lock cut off at %j counts for nothing',
  async (text) => {
    await (await lockRun(await lockedBy(text))).release();
  },
);

test('of many at once, one gets the folder of a process that is gone', async () => {
  const folder = await lockedBy({ pid: await deadProcess(), host: hostname(), started: '1' });
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('a folder that does not exist cannot be held', async () => {
  await expect(lockRun(join(await temporaryFolder(), 'none'))).rejects.toThrow(OutputError);
});
