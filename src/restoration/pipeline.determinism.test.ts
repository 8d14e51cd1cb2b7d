import { expect, test } from 'vitest';
import { createLocalRunner } from '../engine/local-runner.js';
import { testRunner } from '../engine/testing/runners.js';
import type { Tensor } from '../tensor/tensor.js';
import { restoreImage } from './restore.js';
import { waves } from './testing/images.js';
import { compactPack, inexactPack } from './testing/packs.js';

const pack = compactPack();
const settings = { tau: 8, steps: 2, eta: 0.5, seed: 3, tile: 128 };
const images = [waves(40, 21), waves(40, 21, 1), waves(12, 45, 2)];

const runners = await Promise.all([1, 2, 4].map(testRunner));
const [runner] = runners as [(typeof runners)[0]];

const bytes = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);

async function restored(index: number, on = runner): Promise<Buffer> {
  return bytes((await restoreImage(images[index]!, pack, on, settings)).image);
}

test('one, two and four threads give the same bytes', async () => {
  const [one, ...others] = await Promise.all(runners.map((each) => restored(0, each)));
  for (const other of others) expect(other.equals(one!)).toBe(true);
});

test('so do one, two and four threads with windows, softmax and global pooling', async () => {
  const own = inexactPack();
  const [one, ...others] = await Promise.all(
    runners.map(async (each) => bytes((await restoreImage(images[0]!, own, each)).image)),
  );
  for (const other of others) expect(other.equals(one!)).toBe(true);
});

test('a result does not depend on the images before it, nor on those at the same time', async () => {
  const fresh = await createLocalRunner({ threads: 1, cacheEntries: 1 });
  const alone = await restored(2, fresh);
  await fresh.dispose();
  const forwards = [await restored(0), await restored(1), await restored(2)];
  const backwards = [await restored(2), await restored(1), await restored(0)].reverse();
  const together = await Promise.all([restored(0), restored(1), restored(2)]);
  expect(forwards[2]!.equals(alone)).toBe(true);
  for (const index of [0, 1, 2]) {
    expect(backwards[index]!.equals(forwards[index]!)).toBe(true);
    expect(together[index]!.equals(forwards[index]!)).toBe(true);
  }
  expect(forwards[1]!.equals(forwards[0]!)).toBe(false);
});

test('a seed gives one image and another seed another, from the same restorer output', async () => {
  const at = (seed: number) => restoreImage(images[0]!, pack, runner, { ...settings, seed });
  const [first, again, other] = [await at(5), await at(5), await at(6)];
  expect(bytes(again.image).equals(bytes(first.image))).toBe(true);
  expect(bytes(other.image).equals(bytes(first.image))).toBe(false);
  expect(bytes(other.restored).equals(bytes(first.restored))).toBe(true);
});

test('the noise on a crop is the crop of the noise, in tiles or not', async () => {
  const start = async (height: number, width: number, tile: number) => {
    let noise: Float64Array | undefined;
    const options = { start: 'full', steps: 1, seed: 9, tile, allowBeyondTraining: true } as const;
    await restoreImage(waves(height, width), pack, runner, {
      ...options,
      onStep: ({ x }) => {
        noise = x.slice();
      },
    });
    return noise!;
  };
  const large = await start(40, 21, 128);
  const small = await start(10, 7, 1024);
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < 40; y += 1) {
      const from = (channel * 160 + y) * 84;
      const to = (channel * 40 + y) * 28;
      expect(small.subarray(to, to + 28)).toEqual(large.subarray(from, from + 28));
    }
});

test('the image that is given is left as it was', async () => {
  const image = waves(9, 9);
  await restoreImage(image, pack, runner);
  expect(image).toEqual(waves(9, 9));
});
