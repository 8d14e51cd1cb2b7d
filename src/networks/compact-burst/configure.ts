import type { StateShapes } from '../network.js';
import { countLayers, shapeOf } from '../state-shapes.js';

/** What shapes tell of a configuration; flow and frames have no part in them. */
export function configureCompactBurst(state: StateShapes): Record<string, unknown> | undefined {
  const features = shapeOf(state, 'encoder.head.weight', 4)?.[0];
  const trunkFeatures = shapeOf(state, 'trunk.head.weight', 4)?.[0];
  const details = shapeOf(state, 'tail.last.weight', 4)?.[0];
  if (features === undefined || trunkFeatures === undefined || details === undefined)
    return undefined;
  const blocks = (part: string): number =>
    countLayers(state, (block) => `${part}.body.${block}.conv1.weight`);
  return {
    scale: Math.sqrt(details / 3),
    features,
    encoderBlocks: blocks('encoder'),
    trunkFeatures,
    trunkBlocks: blocks('trunk'),
  };
}
