import { ParameterError } from '../tensor/errors.js';
import type { Pack } from './pack.js';
import { fixedSizeOf, type PackModule, receptiveRadiusOf, sizeRuleOf } from './pack-module.js';
import { leastSize, type TileSettings } from './tile-layout.js';
import { type SideSettings, type Tile, tilesOf } from './tiling.js';

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

/**
 * The smallest tile, in pixels of the result, that can cut pictures larger than itself. Modules of
 * one size only are left out: their tiles have that size.
 */
export function leastTile(pack: Pack): number {
  const { scale } = pack.manifest;
  const least = ({ rows }: SideSettings): number => (rows.sameSize === true ? 1 : leastSize(rows));
  return Math.max(least(restorerSettings(pack, 1)) * scale, least(evaluationSettings(pack, 1)));
}

function restorerSettings({ restorer, manifest }: Pack, tile: number): SideSettings {
  return settingsFor([restorer], Math.max(1, Math.floor(tile / manifest.scale)));
}

function evaluationSettings({ denoiser, fusion }: Pack, tile: number): SideSettings {
  return settingsFor([denoiser, fusion], tile);
}

/** Networks that follow one another on the same tiles reach as far as all of them together. */
function settingsFor(modules: readonly PackModule[], size: number): SideSettings {
  const radii = modules.map(receptiveRadiusOf);
  const exact = radii.every((radius) => radius !== undefined);
  const margin = radii.reduce<number>((sum, radius) => sum + (radius ?? INEXACT_MARGIN), 0);
  const multiple = modules.reduce(
    (product, module) => leastCommon(product, sizeRuleOf(module).multiple),
    1,
  );
  const settings = { size, margin, ramp: exact ? 0 : INEXACT_RAMP, multiple };
  const fixed = modules.map(fixedSizeOf).find((found) => found !== undefined);
  if (fixed === undefined) return { rows: settings, columns: settings };
  const [rows, columns] = fixed.map((side) => sameSize({ ...settings, size: side }));
  return { rows: rows!, columns: columns! };
}

/** Margins that would use up the only size of a network are cut down to a part of it. */
function sameSize(settings: TileSettings): TileSettings {
  const { size } = settings;
  if (leastSize(settings) <= size) return { ...settings, sameSize: true };
  const multiple =
    size % settings.multiple === 0 && 4 * settings.multiple <= size ? settings.multiple : 1;
  return {
    size,
    margin: Math.floor(size / 8),
    ramp: Math.floor(size / 8),
    multiple,
    sameSize: true,
  };
}

function leastCommon(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
