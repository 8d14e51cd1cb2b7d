import { ParameterError } from '../tensor/errors.js';
import type { Pack } from './pack.js';
import { leastSize } from './tile-layout.js';
import { evaluationSettings } from './tile-settings.js';
import { type Tile, tilesOf } from './tiling.js';

/** Results of no more pixels than this are restored in one piece. */
const WHOLE_PIXELS = 2 ** 25;
/** Side of the regions of larger ones. */
export const REGION = 4096;
/** Margins that would take more of a region than this are cut down, and regions blended. */
const LARGEST_MARGIN = 1 / 6;
const RAMP = 32;

/** A result in pieces, each of which goes through the whole chain by itself. */
export interface Regions {
  /** With their margins, row by row. */
  readonly parts: readonly Tile[];
  /** Whether the margins cover all that the chain reaches, so that regions give the whole's pixels. */
  readonly exact: boolean;
}

/**
 * The regions of a result: a function of pack, size and number of steps. A step carries what is
 * wrong at a cut as far inwards as denoiser and fusion network reach.
 * @param region largest side of a region in pixels; default: 4096 where the result has more than
 * 2^25 pixels, otherwise no bound.
 * @throws ParameterError for a region that margins use up.
 */
export function layOutRegions(
  pack: Pack,
  { height, width }: { readonly height: number; readonly width: number },
  steps: number,
  region = height * width > WHOLE_PIXELS ? REGION : Math.max(height, width),
): Regions {
  if (!Number.isInteger(region) || region < 1)
    throw new ParameterError('region', 'a positive number of pixels', region);
  const { margin: reach, ramp, multiple } = evaluationSettings(pack, region).rows;
  const whole = tilesOf(height, width, { size: region, margin: 0, ramp: 0, multiple: 1 });
  if (whole.length === 1) return { parts: whole, exact: true };
  const margin = Math.min(steps * reach, Math.floor(region * LARGEST_MARGIN));
  const exact = ramp === 0 && margin === steps * reach;
  const settings = { size: region, margin, ramp: exact ? 0 : RAMP, multiple };
  const least = leastSize(settings);
  if (region < least) throw new ParameterError('region', `at least ${least} pixels`, region);
  return { parts: tilesOf(height, width, settings), exact };
}
