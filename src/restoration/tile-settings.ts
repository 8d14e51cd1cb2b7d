import type { Module } from '../checkpoints/module-file.js';
import type { Pack } from './pack.js';
import type { TileSettings } from './tile-layout.js';

/** Margin of a network whose tiles never equal the whole, and the blending of such tiles. */
const INEXACT_MARGIN = 16;
const INEXACT_RAMP = 32;

/**
 * How the restoration network's input is cut. Where it has a finite receptive field, the margin
 * covers it and tiles give the pixels of the whole.
 * @param tile largest side in pixels of the output.
 */
export function restorerTiles({ restorer, manifest }: Pack, tile: number): TileSettings {
  const size = Math.max(1, Math.floor(tile / manifest.scale));
  return settingsFor([restorer], size);
}

/** How the picture is cut for the denoiser and the fusion network, which run on the same tiles. */
export function evaluationTiles({ denoiser, fusion }: Pack, tile: number): TileSettings {
  return settingsFor([denoiser, fusion], tile);
}

function settingsFor(modules: readonly Module[], size: number): TileSettings {
  const radii = modules.map(({ network, config }) => network.receptiveRadius(config));
  const exact = radii.every((radius) => radius !== undefined);
  const reach = radii.reduce<number>((sum, radius) => sum + (radius ?? INEXACT_MARGIN), 0);
  const multiple = modules.reduce(
    (product, { network, config }) => leastCommon(product, network.sizeRule(config).multiple),
    1,
  );
  const margin = Math.ceil(reach / multiple) * multiple;
  return { size, margin, ramp: exact ? 0 : INEXACT_RAMP, multiple };
}

function leastCommon(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
