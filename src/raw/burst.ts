import { basename, extname } from 'node:path';
import { sharpness } from '../tensor/sharpness.js';
import { cropped } from '../tensor/window.js';
import { InputError, LimitError, ParameterError } from '../utils/errors.js';
import { MAX_BURST_FRAMES } from '../utils/limits.js';
import { burstFiles } from './burst-files.js';
import type { RawFrame, RawLimits } from './frame.js';
import { openRawDecoder } from './libraw/raw-decoder.js';
import { readFrameWith } from './read-raw-frame.js';

/** Frames of one scene, of equal size and exposure. */
export interface RawBurst {
  /** The reference first, then the others in their order. */
  readonly frames: readonly RawFrame[];
  /** What was assumed, changed or dropped, each with its file. */
  readonly notes: readonly string[];
}

export interface OpenBurstOptions {
  /** Index among the files, from 0, or name of the reference; the sharpest frame unless given. */
  readonly reference?: number | string;
  /** Frames of a burst, 64 unless given. */
  readonly maxFrames?: number;
  readonly limits?: RawLimits;
}

/**
 * Reads a burst of RAW frames: files, folders or patterns (`shots/IMG_*.dng`). One frame is decoded
 * after the other. Frames of another phase lose their first row or column, and all are cut to the
 * cells that they have in common; frames of another exposure are brought to that of the reference.
 * @throws InputError naming a file that is missing, damaged, of another size than the first, or
 * exposed more than 8 times more or less than the reference; LimitError beyond a limit;
 * ParameterError where the reference is none of the files.
 * @example
 * const { frames } = await openBurst(['burst/*.png'], { reference: 0 });
 * const { camera } = frames[0]!.metadata;
 * const burst = { frames: frames.map(({ packed }) => packed), camera };
 * const { image } = await restore(burst, { pack: 'burst', steps: 1, tau: 1 });
 */
export async function openBurst(
  inputs: readonly string[],
  options: OpenBurstOptions = {},
): Promise<RawBurst> {
  const { files, notes: fileNotes } = await burstFiles(inputs);
  const maxFrames = options.maxFrames ?? MAX_BURST_FRAMES;
  if (!(Number.isInteger(maxFrames) && maxFrames >= 1))
    throw new ParameterError('maxFrames', 'a positive integer', maxFrames);
  if (files.length > maxFrames)
    throw new LimitError(
      inputs.join(', '),
      `the burst has ${files.length} frames, the limit is ${maxFrames}; raise \`maxFrames\` to read it`,
    );
  const wished = findReference(files, options.reference);
  const frames = await readFrames(files, options.limits);
  const notes = [
    ...fileNotes,
    ...frames.flatMap((frame) => frame.notes.map((note) => `${frame.name}: ${note}`)),
  ];
  notes.push(...toCommonCells(frames));
  const exposures = exposuresOf(frames);
  const reference = wished ?? sharpestFrame(frames, exposures.values);
  notes.push(...exposures.notes, ...equaliseExposures(frames, exposures, reference));
  notes.push(...differences(frames, frames[reference]!));
  const others = frames.filter((_, index) => index !== reference);
  return { frames: [frames[reference]!, ...others], notes };
}

async function readFrames(
  files: readonly string[],
  limits: RawLimits | undefined,
): Promise<RawFrame[]> {
  const decoder = openRawDecoder();
  const frames: RawFrame[] = [];
  try {
    for (const file of files) {
      const frame = await readFrameWith(decoder, file, limits);
      checkSize(frame, frames[0] ?? frame);
      frames.push(frame);
    }
  } finally {
    await decoder.close();
  }
  return frames;
}

function checkSize({ name, sensor }: RawFrame, first: RawFrame): void {
  const { width, height } = first.sensor;
  if (sensor.width === width && sensor.height === height) return;
  throw new InputError(
    name,
    `has ${sensor.width} x ${sensor.height} samples, and ${first.name} has ${width} x ${height}; frames of a burst are of one size`,
  );
}

/** Cuts the frames, which differ by one cell at most, to one size; one copy is made at a time. */
function toCommonCells(frames: RawFrame[]): string[] {
  const rows = Math.min(...frames.map(({ packed }) => packed.shape[1]!));
  const columns = Math.min(...frames.map(({ packed }) => packed.shape[2]!));
  const common = { left: 0, top: 0, width: columns, height: rows };
  const { phase } = frames[0]!.sensor;
  const notes: string[] = [];
  frames.forEach((frame, index) => {
    frames[index] = { ...frame, packed: cropped(frame.packed, common) };
    if (frame.sensor.phase !== phase)
      notes.push(
        `${frame.name}: begins with ${frame.sensor.phase} instead of ${phase}; cropped to the same phase`,
      );
  });
  return notes;
}

/** What of the other frames' descriptions does not agree with the reference, which is believed. */
function differences(frames: readonly RawFrame[], reference: RawFrame): string[] {
  const camera = ({ metadata: { make = '', model = '' } }: RawFrame) => `${make} ${model}`.trim();
  return frames.flatMap((frame) => {
    const notes: string[] = [];
    if (camera(frame) !== camera(reference))
      notes.push(
        `${frame.name}: taken by ${camera(frame) || 'an unknown camera'}, the reference by ${camera(reference) || 'an unknown one'}`,
      );
    if (frame.metadata.orientation !== reference.metadata.orientation)
      notes.push(`${frame.name}: held another way up; the reference's way counts`);
    return notes;
  });
}

/** How far apart exposures may lie; beyond it noise and saturation differ too much. */
const largestRatio = 8;
/** Up to here a difference is the rounding of what cameras write. */
const tolerance = 0.02;

/** Relative exposure of each frame; equal where the files do not state it. */
export interface Exposures {
  readonly values: readonly number[];
  readonly notes: readonly string[];
}

/**
 * Exposure time times sensitivity, over the square of the f-number where every frame states it.
 */
function exposuresOf(frames: readonly RawFrame[]): Exposures {
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
function equaliseExposures(
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

/**
 * The index of the reference among the files, given as an index, or a name with or without folder or
 * extension; `undefined` where none is wished.
 * @throws ParameterError where nothing or more than one file answers.
 */
export function findReference(
  files: readonly string[],
  wish: number | string | undefined,
): number | undefined {
  if (wish === undefined) return undefined;
  if (typeof wish === 'number') {
    if (Number.isInteger(wish) && wish >= 0 && wish < files.length) return wish;
    throw new ParameterError('reference', `an integer from 0 to ${files.length - 1}`, wish);
  }
  for (const named of [
    (file: string) => file,
    (file: string) => basename(file),
    (file: string) => basename(file, extname(file)),
  ]) {
    const found = files.flatMap((file, index) => (named(file) === wish ? [index] : []));
    if (found.length === 1) return found[0]!;
  }
  throw new ParameterError(
    'reference',
    `one of ${files.map((file) => basename(file)).join(', ')}`,
    wish,
  );
}

/** The sharpest frame at equal exposure; of equally sharp ones the first. */
function sharpestFrame(frames: readonly RawFrame[], exposures: readonly number[]): number {
  let best = 0;
  let most = -1;
  frames.forEach(({ packed }, index) => {
    const found = sharpness(packed) / exposures[index]! ** 2;
    if (found > most) [best, most] = [index, found];
  });
  return best;
}
