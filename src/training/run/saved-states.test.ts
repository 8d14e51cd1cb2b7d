import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { findNetwork } from '../../networks/registry.js';
import { ModelError, OutputError } from '../../tensor/errors.js';
import { tensor } from '../../tensor/tensor.js';
import { freshState } from '../step/state.js';
import { pictureFolder } from '../testing/picture-folder.js';
import { restorerRecipe } from '../testing/recipes.js';
import { contentOf, logOf, trainHere } from '../testing/runs.js';
import { loadRun, type RunPosition, saveRun } from './run-folder.js';

const data = await pictureFolder([60, 44], [40, 70]);
const network = findNetwork('compact-restorer')!;
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
    warning: `${damaged} is damaged and set aside; the run goes on from step 4`,
  });
});
