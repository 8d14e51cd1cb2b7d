import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tensor } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { openDataset } from '../open-dataset.js';
import { openProtocolBurst, openStoredBurst, writeBurst } from './stored-burst.js';

const folder = await temporaryFolder();

const image = tensor(
  [3, 96, 96],
  Float32Array.from({ length: 3 * 96 * 96 }, (_, i) => (i % 7) / 7),
);
const shake = { frames: 3, maxTranslation: 4, seed: 5 };
await writeBurst(folder, '0007', { image, label: 'made up' }, shake);
const place = join(folder, 'bursts', '0007');

test('a burst of a data set has the frames, the order and the camera of its protocol', async () => {
  const { items } = await openDataset(folder);
  const stored = await openStoredBurst(items[0]!);
  const burst = await openProtocolBurst(place);
  expect(burst!.frames.map(({ name }) => name)).toEqual(items[0]!.inputs);
  for (const [index, { packed, metadata }] of burst!.frames.entries()) {
    expect(packed).toEqual(await stored.frame(index));
    expect(metadata.camera).toEqual(stored.camera);
  }
});

test('another reference comes first, the others stay in order', async () => {
  const burst = await openProtocolBurst(place, 'im_raw_01');
  const numbers = burst!.frames.map(({ name }) => Number(/(\d+)\.png$/.exec(name)![1]));
  expect(numbers).toEqual([1, 0, 2]);
  await expect(openProtocolBurst(place, 3)).rejects.toThrow(ParameterError);
});

test('other folders, and frames without metadata, are none', async () => {
  expect(await openProtocolBurst(folder)).toBeUndefined();
  expect(await openProtocolBurst(join(folder, 'nowhere'))).toBeUndefined();
  const truth = join(folder, 'gt');
  await rename(truth, join(folder, 'elsewhere'));
  expect(await openProtocolBurst(place)).toBeUndefined();
  await rename(join(folder, 'elsewhere'), truth);
});
