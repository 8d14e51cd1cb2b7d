import { join } from 'node:path';
import { type BurstSettings, drawShake, synthesiseBurst } from '../../degradation/burst.js';
import { makeFolder } from '../../files/make-folder.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import type { Tensor } from '../../tensor/tensor.js';
import { statedMetadata } from '../bursts/burst-metadata.js';
import { writeLinearTarget, writePackedFrame } from '../bursts/frame-files.js';

/** All 16 bits, which the metadata state: four times finer than the protocol's 2^14. */
const white = 65535;

/**
 * Makes a burst of a picture and writes it into a data set in the layout `synthetic-burst`, one
 * frame at a time; the metadata, which say how it was made, last.
 *
 * @param source `picture` [3, H, W] sRGB in [0, 1]; `label` names it in the metadata.
 * @throws InputError where the picture is too small; OutputError where a file cannot be written.
 */
export async function writeBurst(
  folder: string,
  name: string,
  { picture, label }: { readonly picture: Tensor; readonly label: string },
  settings: BurstSettings,
  signal?: AbortSignal,
): Promise<void> {
  const burst = synthesiseBurst(picture, settings);
  const frames = join(folder, 'bursts', name);
  const truth = join(folder, 'gt', name);
  for (const place of [frames, truth]) await makeFolder(place);
  for (let index = 0; index < burst.length; index++) {
    signal?.throwIfAborted();
    const file = join(frames, `im_raw_${String(index).padStart(2, '0')}.png`);
    await writePackedFrame(file, burst.frame(index).raw, white);
  }
  await writeLinearTarget(join(truth, 'im_rgb.png'), burst.truth(), white);
  const { camera, noise } = burst;
  const facts = {
    ...statedMetadata({ camera, noise, white }),
    made: {
      picture: label,
      size: picture.shape.slice(1),
      settings,
      shake: Array.from({ length: burst.length }, (_, index) => drawShake(settings, index)),
    },
  };
  const text = `${JSON.stringify(facts, undefined, 2)}\n`;
  await writeFileAtomic(join(truth, 'meta_info.json'), new TextEncoder().encode(text));
}
