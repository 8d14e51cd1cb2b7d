import type { LayoutName } from '../dataset.js';
import type { Layout } from '../layout.js';
import { burstSr } from './burst-sr.js';
import { div2k } from './div2k.js';
import { gopro } from './gopro.js';
import { hide } from './hide.js';
import { pairs } from './pairs.js';
import { pictures } from './pictures.js';
import { sidd } from './sidd.js';
import { syntheticBurst } from './synthetic-burst.js';

/** Every layout by its name, in the order in which a folder is tried. */
export const layouts: Readonly<Record<LayoutName, Layout>> = {
  'synthetic-burst': syntheticBurst,
  'burst-sr': burstSr,
  sidd,
  div2k,
  gopro,
  hide,
  pairs,
  pictures,
};
