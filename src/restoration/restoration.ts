import { ParameterError } from '../tensor/errors.js';
import type { DegradedInput } from './inputs/input-kind.js';
import type { Pack } from './pack.js';
import { taskOf } from './tasks/index.js';

/** A degraded input and the pack that restores it. */
export interface Restoration {
  readonly pack: Pack;
  readonly input: DegradedInput;
  /** Pixels of the result for one place of the input, along each side. */
  readonly scale: number;
  /** Pixels of the restoration network for one of the result, along each side. */
  readonly reduction: number;
}

/**
 * Joins an input with a pack whose restoration network fits it.
 * @param scale pixels of the result for one of the picture or mosaic; default: that of the pack.
 * @throws ParameterError for a scale beyond that of the pack or no part of it.
 */
export function joinInput(
  pack: Pack,
  input: DegradedInput,
  scale = pack.manifest.scale,
): Restoration {
  const { manifest } = pack;
  const { input: kind, scales } = taskOf(manifest.task);
  const possible = scales.filter((own) => own <= manifest.scale && manifest.scale % own === 0);
  if (!possible.includes(scale))
    throw new ParameterError(
      'scale',
      `${possible.join(' or ')} with a pack for ${manifest.task} of scale ${manifest.scale}`,
      scale,
    );
  return { pack, input, scale: scale * kind.cell, reduction: manifest.scale / scale };
}
