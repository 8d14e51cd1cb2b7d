import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { LimitError } from '../../utils/errors.js';
import { cachedImageBytes, imageFiles, photographsMemory } from '../photographs/photographs.js';
import { imageFolder } from '../testing/fixtures.js';
import { restorerRecipe } from '../testing/recipes.js';
import { trainHere } from '../testing/runs.js';
import { requireMemory, trainingMemory, usualLimit } from './training-memory.js';

const graph = { values: 1000, inputs: 4e6, constants: 1e6, outputs: 3e6, peak: 50e6 };

test('memory grows with results, state, batches, constants and threads', () => {
  const options = { workers: 0, photographs: 0 };
  const { total } = trainingMemory({ memory: [graph] }, options);
  const more = (change: object) =>
    trainingMemory({ memory: [{ ...graph, ...change }] }, options).total - total;
  expect(more({ peak: 80e6 })).toBeCloseTo(30e6 * 1.35);
  expect(more({ inputs: 5e6 })).toBe(2.5e6);
  expect(more({ inputs: 5e6, outputs: 4e6 })).toBe(4e6);
  expect(more({ constants: 2e6 })).toBeGreaterThan(2e6);
  const withThreads = trainingMemory({ memory: [graph] }, { ...options, workers: 2 });
  expect(withThreads.total).toBeGreaterThan(total);
});

test('of two graphs that run in turn the larger results count, and what the other is given', () => {
  const options = { workers: 0, photographs: 0 };
  const other = { ...graph, peak: 60e6 };
  const [one, both] = [[graph] as const, [graph, other] as const].map((memory) =>
    trainingMemory({ memory }, options),
  );
  expect(both!.results).toBe(60e6);
  expect(both!.state).toBe(one!.state + 7e6);
});

test('copies of the first graph that run at the same time count each, what they train once', () => {
  const options = { workers: 0, photographs: 0 };
  const memory = [graph, { ...graph, peak: 1e6 }] as const;
  const ofCopies = (copies: number) => trainingMemory({ memory, copies, apart: 9e6 }, options);
  const [one, two, three] = [1, 2, 3].map(ofCopies);
  expect(two!.results).toBe(2 * one!.results);
  expect(two!.fixed - one!.fixed).toBeGreaterThan(4 * graph.constants);
  // Another batch, with weights and gradients of that thread.
  expect(three!.state - two!.state).toBe(2.5 * 1e6 + 2.25 * graph.outputs);
  const without = trainingMemory({ memory, copies: 2 }, options);
  expect(two!.state - without.state).toBe(4 * 9e6);
});

test('a run that takes more than it may is refused with both figures', () => {
  const memory = trainingMemory({ memory: [graph] }, { workers: 0, photographs: 2 ** 30 });
  expect(() => requireMemory(memory, memory.total + 2 ** 30)).not.toThrow();
  expect(() => requireMemory(memory, memory.total)).toThrow(LimitError);
  expect(() => requireMemory(memory, 2 ** 29)).toThrow(
    /would take 1\.\d\d GiB and may take 0\.50 GiB/,
  );
});

test('a run announces its memory before its first step, or is refused and leaves nothing', async () => {
  const recipe = restorerRecipe(await imageFolder([60, 44]), { steps: 2 });
  const output = join(await temporaryFolder(), 'run');
  await expect(trainHere({ recipe, output, memory: 1e6 })).rejects.toThrow(LimitError);
  await expect(readdir(output)).rejects.toThrow('ENOENT');
  expect(await trainHere({ recipe, output })).toMatchObject({ finished: true });
  expect(usualLimit()).toBeGreaterThan(1e8);
});

test('decoded photographs are counted from their headers, once and per reduction, up to the bound', async () => {
  const files = await imageFiles(await imageFolder([40, 40], [20, 60], [10, 10]));
  expect(await cachedImageBytes(files, [1])).toBeCloseTo(3 * (1600 + 1200 + 100));
  expect(await cachedImageBytes(files, [1, 2])).toBeCloseTo(3 * 2900 * 1.25);
  expect(await cachedImageBytes(files, [1, 3])).toBeCloseTo(3 * 2900 * (1 + 1 / 9));
  expect(photographsMemory()).toBeLessThanOrEqual(2 ** 31);
});
