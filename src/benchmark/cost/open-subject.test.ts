import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../files/testing/temporary-folder.js';
import { tinyPack } from '../../models/testing/tiny-pack.js';
import { networkCost } from '../../restoration/cost/network-cost.js';
import { packCost } from '../../restoration/cost/pack-cost.js';
import { compactModules } from '../../restoration/testing/packs.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import { encodeModule } from '../../weights/module-file.js';
import { measureTime } from './measure-time.js';
import { openSubject } from './open-subject.js';

const store = await temporaryFolder();

test('a checkpoint costs what its network does', async () => {
  const file = join(store, 'denoiser.safetensors');
  await writeFile(file, encodeModule(compactModules.denoiser));
  const subject = await openSubject(file, { store });
  if (subject.kind !== 'network') throw new Error('expected a network');
  const size = { width: 32, height: 16 };
  expect(networkCost(subject, size)).toEqual(networkCost(compactModules.denoiser, size));
});

test('more frames are more work of a burst network, whose parameters stay', async () => {
  const size = { width: 16, height: 16 };
  const told = [];
  for (const frames of [2, 4]) {
    const subject = await openSubject('compact-burst', { store, frames });
    if (subject.kind !== 'network') throw new Error('expected a network');
    told.push(networkCost(subject, size));
  }
  expect(told[1]!.parameters).toBe(told[0]!.parameters);
  expect(told[1]!.macs).toBeGreaterThan(1.2 * told[0]!.macs);
});

test('refuses what has no countable operators, and frames and configurations that do not fit', async () => {
  const onnx = join(store, 'damaged.onnx');
  await writeFile(onnx, 'no model');
  await expect(openSubject(onnx, { store })).rejects.toThrow(ModelError);
  await expect(openSubject('no-such-model', { store })).rejects.toThrow(ModelError);
  await expect(openSubject('fusion', { store, frames: 2 })).rejects.toThrow(ParameterError);
  const pack = await tinyPack(await temporaryFolder());
  await expect(openSubject(pack, { store, config: {} })).rejects.toThrow(ParameterError);
  await expect(openSubject(pack, { store, frames: 2 })).rejects.toThrow(ParameterError);
});

test('parts of a pack and networks by name are timed, each announced before', async () => {
  const folder = await tinyPack(await temporaryFolder());
  const subject = await openSubject(folder, { store });
  if (subject.kind !== 'pack') throw new Error('expected a pack');
  const parts = packCost(subject.pack, { size: { width: 32, height: 16 } }).parts;
  const announced: string[] = [];
  const { seconds, device } = await measureTime(
    { subject: { kind: 'pack', folder }, parts, device: 'cpu', threads: 1 },
    {
      onExpected: ({ part, expected }) => {
        expect(expected).toBeGreaterThan(0);
        announced.push(part);
      },
    },
  );
  expect(announced).toEqual(['restorer', 'known', 'denoiser', 'fusion']);
  expect(seconds.every((value) => value > 0)).toBe(true);
  expect(device.threads).toBe(1);
  const alone = await measureTime({
    subject: { kind: 'network', name: 'compact-burst', config: {} },
    ...{ frames: 2, device: 'cpu', threads: 1 },
    parts: [{ part: 'network', tile: { width: 16, height: 16 } }],
  });
  expect(alone.seconds).toHaveLength(1);
});
