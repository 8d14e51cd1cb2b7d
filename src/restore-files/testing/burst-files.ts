import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { moduleFiles } from '../../models/testing/pack-folder.js';
import { writePack } from '../../models/write-pack.js';
import type { Orientation, RawFrame } from '../../raw/frame.js';
import { writeMosaic } from '../../raw/mosaic-file.js';
import { burstOf, nearBurst } from '../../restoration/testing/bursts.js';
import { compactModules } from '../../restoration/testing/packs.js';
import type { Tensor } from '../../tensor/tensor.js';

/**
 * Writes the mosaics of a made-up burst into a folder, frame 0 the least sharp and the others
 * sharper by their number.
 */
export async function burstFolder(
  folder: string,
  count: number,
  [height, width]: readonly [number, number],
  orientation: Orientation = 1,
): Promise<string> {
  await mkdir(folder, { recursive: true });
  const { frames, camera } = burstOf(count, height, width);
  for (const [index, packed] of (frames as readonly Tensor[]).entries()) {
    const frame: RawFrame = {
      name: `frame-${index}.png`,
      packed,
      metadata: { camera, orientation, make: 'nobody', iso: 800 },
      sensor: { width: 2 * width, height: 2 * height, phase: 'RGGB' },
      notes: [],
    };
    await writeMosaic(join(folder, frame.name), frame);
  }
  return folder;
}

/** A pack for bursts around a made-up network of any number of frames, below `parent`. */
export async function burstPackFolder(parent: string): Promise<string> {
  const modules = { ...compactModules, restorer: nearBurst };
  const folder = join(parent, 'burst-pack');
  const parts = await moduleFiles(join(parent, 'burst-modules'), modules);
  await writePack(folder, { ...parts, task: 'burst', tile: 512 });
  return folder;
}
