import type { Module } from '../checkpoints/module-file.js';
import { ParameterError } from '../tensor/errors.js';
import type { Pack } from './pack.js';
import { leastSize, type TileSettings } from './tile-layout.js';
import { type Tile, tilesOf } from './tiling.js';

/** Margin of a network whose tiles never equal the whole, and the blending of such tiles. */
const INEXACT_MARGIN = 16;
const INEXACT_RAMP = 32;

/** The tiles of one restoration. */
export interface PictureTiles {
  /** Of the degraded picture, for the restoration network. */
  readonly small: readonly Tile[];
  /** Of the result, on which denoiser and fusion network run together. */
  readonly large: readonly Tile[];
}

/**
 * How a degraded picture and its result are cut. Where all networks have a finite receptive
 * field, margins cover it and tiles give the pixels of the whole.
 * @param tile largest side in pixels of the result.
 * @throws ParameterError where margins use up such a tile.
 */
export function layOutPicture(
  pack: Pack,
  { height, width, tile }: { height: number; width: number; tile: number },
): PictureTiles {
  const { scale } = pack.manifest;
  if (!Number.isInteger(tile) || tile < 1)
    throw new ParameterError('tile', 'a positive number of pixels', tile);
  const least = leastTile(pack);
  if (Math.max(height, width) * scale > tile && tile < least)
    throw new ParameterError('tile', `at least ${least} pixels for the modules of this pack`, tile);
  return {
    small: tilesOf(height, width, restorerSettings(pack, tile), scale),
    large: tilesOf(height * scale, width * scale, evaluationSettings(pack, tile)),
  };
}

/** The smallest tile, in pixels of the result, that can cut pictures larger than itself. */
export function leastTile(pack: Pack): number {
  const { scale } = pack.manifest;
  return Math.max(
    leastSize(restorerSettings(pack, 1)) * scale,
    leastSize(evaluationSettings(pack, 1)),
  );
}

function restorerSettings({ restorer, manifest }: Pack, tile: number): TileSettings {
  return settingsFor([restorer], Math.max(1, Math.floor(tile / manifest.scale)));
}

function evaluationSettings({ denoiser, fusion }: Pack, tile: number): TileSettings {
  return settingsFor([denoiser, fusion], tile);
}

/** Networks that follow one another on the same tiles reach as far as all of them together. */
function settingsFor(modules: readonly Module[], size: number): TileSettings {
  const radii = modules.map(({ network, config }) => network.receptiveRadius(config));
  const exact = radii.every((radius) => radius !== undefined);
  const margin = radii.reduce<number>((sum, radius) => sum + (radius ?? INEXACT_MARGIN), 0);
  const multiple = modules.reduce(
    (product, { network, config }) => leastCommon(product, network.sizeRule(config).multiple),
    1,
  );
  return { size, margin, ramp: exact ? 0 : INEXACT_RAMP, multiple };
}

function leastCommon(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
