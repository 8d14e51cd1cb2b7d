import { expect, test } from 'vitest';
import { testRunner } from '../../engine/testing/runners.js';
import { EngineError, isOutOfMemory, LimitError } from '../../utils/errors.js';
import { restoreImage } from '../restore.js';
import { largestDifference, waves } from '../testing/images.js';
import { compactPack, inexactPack } from '../testing/packs.js';
import { narrowRunner } from '../testing/runners.js';
import { tilesOf } from '../tiles/tiling.js';
import { RetryingRunner } from './smaller-tiles.js';

const runner = await testRunner();

const pack = compactPack();
const image = waves(75, 60);
const settings = { tau: 9, steps: 1, seed: 3 };
const whole = await restoreImage(image, pack, runner, settings);

test('tiles that do not fit are made of smaller ones, to the same bytes', async () => {
  const narrow = narrowRunner(runner, 200 * 200);
  const { image: made, restored } = await restoreImage(image, pack, narrow, settings);
  expect(largestDifference(restored, whole.restored)).toBe(0);
  expect(largestDifference(made, whole.image)).toBe(0);
  expect(narrow.finished.get('evaluate')).toBeGreaterThan(2);
});

test('where not even the smallest tile fits, the error says so', async () => {
  const narrow = narrowRunner(runner, 60 * 50);
  const call = restoreImage(image, pack, narrow, settings);
  await expect(call).rejects.toThrow(LimitError);
  await expect(call).rejects.toThrow('no smaller tile has room for the margins of these modules');
  expect(narrow.finished.get('restore')).toBeGreaterThan(1);
  expect(narrow.finished.get('evaluate')).toBeUndefined();
});

test('memory that runs out once costs a second try, and what was finished stays', async () => {
  const narrow = narrowRunner(runner, 100 * 100, 1);
  const options = { ...settings, tile: 200 };
  const made = await restoreImage(image, pack, narrow, options);
  expect(largestDifference(made.image, whole.image)).toBe(0);
  const refused = [...narrow.refused.values()].reduce((sum, count) => sum + count, 0);
  expect(refused).toBe(1);
  expect(narrow.finished.get('evaluate')).toBe(made.tiles * settings.steps);
  expect(narrow.finished.get('restore')).toBe(made.restorerTiles);
});

test('networks whose tiles never equal the whole are not cut further: the error says what to ask for', async () => {
  const narrow = narrowRunner(runner, 200 * 200);
  const call = restoreImage(image, inexactPack(), narrow, { ...settings, tile: 288 });
  await expect(call).rejects.toThrow(LimitError);
  await expect(call).rejects.toThrow(
    'memory: it ran out on a tile of 240 x 200 pixels; ask for `tile` 272, which changes the layout',
  );
});

test('arrays that JavaScript cannot allocate count as memory, other failures do not', async () => {
  expect(isOutOfMemory(new RangeError('Array buffer allocation failed'))).toBe(true);
  expect(isOutOfMemory(new RangeError('Invalid typed array length: 99999999999'))).toBe(true);
  expect(isOutOfMemory(new RangeError('Maximum call stack size exceeded'))).toBe(false);
  const failing = new RetryingRunner({ forget: () => undefined, exact: undefined, advice: '' });
  const [tile] = tilesOf(8, 8, { size: 8, margin: 0, ramp: 0, multiple: 1 });
  let tries = 0;
  const run = async (): Promise<never> => {
    tries += 1;
    throw new EngineError('graph', 'the run failed');
  };
  await expect(failing.run(run, tile!)).rejects.toThrow(EngineError);
  expect(tries).toBe(1);
});
