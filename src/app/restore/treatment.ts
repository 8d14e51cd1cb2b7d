import { BLEED_REACH, bleedColours } from '../../images/bleed-colours.js';
import {
  srgbColour,
  type WorkingColour,
  workingColour,
} from '../../images/colour/working-colour.js';
import { alphaPlane, colourPlanes, type DecodedImage } from '../../images/decode.js';
import type { PixelSource } from '../../images/streamed-reader.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped, type Rectangle } from '../../tensor/window.js';

/** What a file says of an image besides its pixels. */
export type KeptFacts = Omit<DecodedImage, 'tensor' | 'alpha'>;

/** What is done to an image on its way from a file to the networks and back. */
export interface Treatment {
  /** What the result's file says besides its pixels. */
  readonly kept: KeptFacts;
  readonly colour: WorkingColour;
  /** Rows [3, rows, W] from the networks as the result's file stores them. */
  toStored(rows: Tensor): Tensor;
}

/**
 * @param strip whether EXIF, XMP and profile are left out. Colours then become sRGB; a profile that
 * is no curves and matrix stays, without which they would be wrong.
 */
export function treatmentOf(found: KeptFacts, strip: boolean): Treatment {
  const own = found.icc === undefined ? srgbColour : workingColour(found.icc);
  const colour = own ?? srgbColour;
  if (!strip) return { kept: found, colour, toStored: (rows) => colour.fromWorking(rows) };
  const { bitDepth, grey, icc } = found;
  const keepsProfile = own === undefined && icc !== undefined;
  return {
    kept: { bitDepth, grey, ...(keepsProfile && { icc }) },
    colour,
    toStored: (rows) => colour.toSrgb(rows),
  };
}

/** Stored colours [3, H, W] as networks get them: with the curve of sRGB, and under what is transparent too. */
export function treated(stored: Tensor, alpha: Tensor | undefined, colour: WorkingColour): Tensor {
  const working = colour.toWorking(stored);
  return alpha === undefined ? working : bleedColours(working, alpha);
}

/** A part of an image on the disk, treated as the whole of it would be. */
export async function treatedPart(
  pixels: PixelSource,
  wanted: Rectangle,
  hasAlpha: boolean,
  colour: WorkingColour,
): Promise<Tensor> {
  if (!hasAlpha) return colour.toWorking(colourPlanes(await pixels.read(wanted)));
  const top = Math.max(0, wanted.top - BLEED_REACH);
  const left = Math.max(0, wanted.left - BLEED_REACH);
  const bottom = Math.min(pixels.height, wanted.top + wanted.height + BLEED_REACH);
  const right = Math.min(pixels.width, wanted.left + wanted.width + BLEED_REACH);
  const around = { top, left, height: bottom - top, width: right - left };
  const raster = await pixels.read(around);
  const whole = treated(colourPlanes(raster), alphaPlane(raster), colour);
  return cropped(whole, { ...wanted, top: wanted.top - top, left: wanted.left - left });
}
