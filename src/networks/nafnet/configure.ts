import type { StateShapes } from '../network.js';
import { countLayers, shapeOf } from '../state-shapes.js';

/** NAFNet's constructor arguments from a state dictionary. */
export function configureNafnet(state: StateShapes): Record<string, unknown> | undefined {
  const intro = shapeOf(state, 'intro.weight', 4);
  if (intro === undefined || !state.has('ending.weight')) return undefined;
  const [width, channels] = intro as [number, number];
  const levels = countLayers(state, (level) => `downs.${level}.weight`);
  const blocks = (sequence: string): number =>
    countLayers(state, (block) => `${sequence}.${block}.conv1.weight`);
  const perLevel = (part: string): number[] =>
    Array.from({ length: levels }, (_, level) => blocks(`${part}.${level}`));
  return {
    img_channel: channels,
    width,
    middle_blk_num: blocks('middle_blks'),
    enc_blk_nums: perLevel('encoders'),
    dec_blk_nums: perLevel('decoders'),
  };
}
