import { InputError } from '../../tensor/errors.js';
import type { RawFrame } from '../frame.js';

/** How far apart exposures may lie; beyond it noise and saturation differ too much. */
const largestRatio = 8;
/** Up to here a difference is the rounding of what cameras write. */
const tolerance = 0.02;

/** How brightly each frame recorded the scene, in proportion; equal where the files do not say. */
export interface Exposures {
  readonly values: readonly number[];
  readonly notes: readonly string[];
}

/**
 * Exposure time times sensitivity, over the square of the f-number where every frame tells it.
 */
export function exposuresOf(frames: readonly RawFrame[]): Exposures {
  const apertures = frames.every(({ metadata }) => metadata.aperture !== undefined);
  const values = frames.map(({ metadata: { exposureSeconds, iso, aperture } }) =>
    exposureSeconds === undefined || iso === undefined
      ? undefined
      : (exposureSeconds * iso) / (apertures ? aperture! ** 2 : 1),
  );
  if (values.every((value): value is number => value !== undefined)) return { values, notes: [] };
  const silent = frames.filter((_, index) => values[index] === undefined);
  const notes =
    silent.length === frames.length
      ? []
      : [
          `${silent.map(({ name }) => name).join(', ')}: exposure unknown, so all frames are taken as equally exposed`,
        ];
  return { values: frames.map(() => 1), notes };
}

/**
 * Brings frames to the exposure of the reference, in place; values above white are cut off.
 * @returns a note for each frame that was changed.
 * @throws InputError for a frame beyond a factor of 8.
 */
export function equaliseExposures(
  frames: readonly RawFrame[],
  { values }: Exposures,
  reference: number,
): string[] {
  const notes: string[] = [];
  frames.forEach(({ name }, index) => {
    const ratio = values[index]! / values[reference]!;
    if (ratio > largestRatio || ratio < 1 / largestRatio)
      throw new InputError(
        name,
        `its exposure is ${figure(ratio)} times that of the reference, ${frames[reference]!.name}; a factor of ${largestRatio} is the limit`,
      );
  });
  frames.forEach(({ name, packed }, index) => {
    const ratio = values[index]! / values[reference]!;
    if (Math.abs(ratio - 1) <= tolerance) return;
    const { data } = packed;
    for (let at = 0; at < data.length; at++) data[at] = Math.min(data[at]! / ratio, 1);
    notes.push(`${name}: exposed ${figure(ratio)} times as much as the reference; divided by that`);
  });
  return notes;
}

function figure(ratio: number): string {
  return String(Number(ratio.toPrecision(3)));
}
