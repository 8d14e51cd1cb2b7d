import { ParameterError } from '../../utils/errors.js';
import { REGION_SIDE, WHOLE_IMAGE_PIXELS } from '../../utils/limits.js';
import type { Pack } from '../pack.js';
import { fixedSizeOf, type PackModule, receptiveRadiusOf, sizeRuleOf } from '../pack-module.js';
import { taskOf } from '../tasks.js';
import { leastSize, type SideSettings, type Tile, type TileSettings, tilesOf } from './tiling.js';

/** Margin of a network whose tiles never equal the whole, and the blending of such tiles. */
const INEXACT_MARGIN = 16;
const INEXACT_RAMP = 32;
/** Places that antialiased reduction of what the restoration network gives reaches over. */
const REDUCTION_MARGIN = 2;

/** Extents of something to be cut, and the largest side of a tile in pixels of the networks' output. */
export interface Cut {
  readonly height: number;
  readonly width: number;
  readonly tile: number;
}

/**
 * How a degraded input is cut for the restoration network. Where it has a finite receptive field,
 * margins cover it and tiles give the pixels of the whole.
 * @param cut extents in places of the network's grid (see `InputKind`).
 * @param reduction the network's pixels for one of the result.
 * @throws ParameterError where margins use up such a tile.
 */
export function layOutInput(pack: Pack, { height, width, tile }: Cut, reduction = 1): Tile[] {
  const scale = networkScale(pack);
  requireTile(pack, tile, Math.max(height, width) * scale, reduction);
  const settings = restorerSettings(pack, tile, reduction);
  return [...tilesOf(height, width, settings, scale / reduction)];
}

/**
 * How a result, or a region of it, is cut for denoiser and fusion network, which run together.
 * @throws ParameterError where margins use up such a tile.
 */
export function layOutResult(pack: Pack, { height, width, tile }: Cut): Tile[] {
  requireTile(pack, tile, Math.max(height, width), 1);
  return [...tilesOf(height, width, evaluationSettings(pack, tile))];
}

function requireTile(pack: Pack, tile: number, extent: number, reduction: number): void {
  if (!Number.isInteger(tile) || tile < 1)
    throw new ParameterError('tile', 'a positive number of pixels', tile);
  const least = leastTile(pack, reduction);
  if (extent > tile && tile < least)
    throw new ParameterError('tile', `at least ${least} pixels for the modules of this pack`, tile);
}

/**
 * The smallest tile, in pixels of the networks' output, that can cut images larger than itself.
 * Modules of one size only are left out: their tiles have that size.
 */
export function leastTile(pack: Pack, reduction = 1): number {
  const least = ({ rows }: SideSettings): number => (rows.sameSize === true ? 1 : leastSize(rows));
  return Math.max(
    least(restorerSettings(pack, 1, reduction)) * networkScale(pack),
    least(evaluationSettings(pack, 1)),
  );
}

/** Pixels that the restoration network makes of one place along each side. */
export function networkScale({ manifest }: Pack): number {
  return manifest.scale * taskOf(manifest.task).input.cell;
}

/** Of the tiles on which the restoration network runs, in places of its grid. */
export function restorerSettings(pack: Pack, tile: number, reduction: number): SideSettings {
  const { margin, ramp } = taskOf(pack.manifest.task).input;
  const size = Math.max(1, Math.floor(tile / networkScale(pack)));
  const further = reduction > 1 ? REDUCTION_MARGIN : 0;
  return settingsFor([pack.restorer], { size, margin, ramp, further });
}

/** Of the tiles on which denoiser and fusion network run. */
export function evaluationSettings({ denoiser, fusion }: Pack, tile: number): SideSettings {
  const inexact = { margin: INEXACT_MARGIN, ramp: INEXACT_RAMP, further: 0 };
  return settingsFor([denoiser, fusion], { size: tile, ...inexact });
}

/** The size of tiles, and what becomes of networks of unknown reach. */
interface TileWish {
  readonly size: number;
  readonly margin: number;
  readonly ramp: number;
  /** Margin for what follows the networks. */
  readonly further: number;
}

/** Networks that follow one another on the same tiles reach as far as all of them together. */
function settingsFor(modules: readonly PackModule[], wish: TileWish): SideSettings {
  const radii = modules.map(receptiveRadiusOf);
  const exact = radii.every((radius) => radius !== undefined);
  const reach = radii.reduce<number>((sum, radius) => sum + (radius ?? wish.margin), 0);
  const multiple = modules.reduce(
    (product, module) => leastCommon(product, sizeRuleOf(module).multiple),
    1,
  );
  const margin = reach + wish.further;
  const settings = { size: wish.size, margin, ramp: exact ? 0 : wish.ramp, multiple };
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
  region = height * width > WHOLE_IMAGE_PIXELS ? REGION_SIDE : Math.max(height, width),
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
