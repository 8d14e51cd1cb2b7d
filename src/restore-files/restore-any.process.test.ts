import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { testEngine } from '../engine/testing/runners.js';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { writeTestImage } from '../images/testing/image-files.js';
import { tinyPack } from '../models/testing/tiny-pack.js';
import { burstOf } from '../restoration/testing/bursts.js';
import { waves } from '../restoration/testing/images.js';
import type { Tensor } from '../tensor/tensor.js';
import { CancelledError, ParameterError } from '../utils/errors.js';
import { restoreImage } from './restore.js';
import { type RestoreEvent, restore } from './restore-any.js';

const folder = await temporaryFolder();
const pack = await tinyPack(await temporaryFolder());
const engine = testEngine();
const input = join(folder, 'in.png');
const output = join(folder, 'out.png');
await writeTestImage(input, 9, 7);
const image = waves(7, 9);
const call = { pack, engine, threads: 1, steps: 1 } as const;

test('options decide what the result has', async () => {
  const single = await restore(image, { ...call, seed: 3 });
  expectTypeOf(single.image).toEqualTypeOf<Tensor>();
  expectTypeOf(single).not.toHaveProperty('samples');
  expectTypeOf(single).not.toHaveProperty('deviation');
  const same = await restoreImage(image, { ...call, seed: 3 });
  expect(single.image.data).toEqual(same.image.data);

  const several = await restore(image, { ...call, seed: 3, samples: 2, mean: 2 });
  expectTypeOf(several.samples).toEqualTypeOf<readonly Tensor[]>();
  expectTypeOf(several.deviation).toEqualTypeOf<Tensor>();
  expectTypeOf(several.uncertainty.maximum).toEqualTypeOf<number>();
  expect(several.samples[0]!.data).toEqual(single.image.data);
  expect(several.deviation.shape).toEqual([1, 28, 36]);

  const file = await restore(input, { ...call, output });
  expectTypeOf(file).not.toHaveProperty('image');
  expect(file).toMatchObject({ width: 36, height: 28, nfe: 2 });
  expect(await readdir(folder)).toContain('out.png');
});

test('progress tells how much is done and how long the rest takes', async () => {
  const events: RestoreEvent[] = [];
  await restore(image, { ...call, onProgress: (event) => events.push(event) });
  expect(events[0]).toMatchObject({ phase: 'starting', share: 0, secondsLeft: undefined });
  expect(events.at(-1)!.share).toBe(1);
  expect(events.at(-1)!.secondsLeft).toBeLessThan(0.01);
  expect(events[1]!.secondsLeft).toBeGreaterThan(0);
});

test('the signal ends it', async () => {
  const restoring = restore(image, { ...call, signal: AbortSignal.abort() });
  await expect(restoring).rejects.toThrow(CancelledError);
});

const burst = burstOf(2, 8, 8);
const wrong: [string, () => Promise<unknown>, string][] = [
  // @ts-expect-error
  ['a file without an output', () => restore(input, call), 'options.output'],
  // @ts-expect-error
  ['an image with an output', () => restore(image, { ...call, output }), 'options.output'],
  // @ts-expect-error
  ['a mistyped option', () => restore(image, { ...call, stepps: 3 }), 'options.stepps'],
  // @ts-expect-error
  ['a burst for images', () => restore(image, { ...call, task: 'burst' }), 'task'],
  // @ts-expect-error
  ['frames of an image', () => restore(image, { ...call, frames: 3 }), 'options.frames'],
  // @ts-expect-error
  ['the task of a burst', () => restore(burst, { ...call, task: 'sr4' }), 'options.task'],
  // @ts-expect-error
  ['metadata of pixels', () => restore(image, { ...call, strip: true }), 'options.strip'],
  [
    'eta of the ancestral sampler',
    // @ts-expect-error
    () => restore(image, { ...call, sampler: 'ancestral', eta: 0.5 }),
    'eta',
  ],
  // @ts-expect-error
  ['tau of a full start', () => restore(image, { ...call, start: 'full', tau: 3 }), 'tau'],
  // @ts-expect-error
  ['a sampler of no name', () => restore(image, { ...call, sampler: 'euler' }), 'sampler'],
];

test.each(wrong)('%s is refused by types, and by the call', async (_, restoring, subject) => {
  const error = await restoring().then(
    () => undefined,
    (thrown) => thrown,
  );
  expect(error).toBeInstanceOf(ParameterError);
  expect(error.details.subject).toBe(subject);
});
