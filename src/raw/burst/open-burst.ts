import { InputError, LimitError, ParameterError } from '../../tensor/errors.js';
import { cropped } from '../../tensor/window.js';
import type { RawFrame, RawLimits } from '../frame.js';
import { openRawDecoder } from '../libraw/raw-decoder.js';
import { readFrameWith } from '../read-raw-frame.js';
import { burstFiles } from './burst-files.js';
import { equaliseExposures, exposuresOf } from './exposures.js';
import { findReference, sharpestFrame } from './reference.js';

/** Frames of one scene, of equal size and exposure. */
export interface RawBurst {
  /** The reference first, then the others in their order. */
  readonly frames: readonly RawFrame[];
  /** What was assumed, changed or left out, each with the file it is about. */
  readonly notes: readonly string[];
}

export interface OpenBurstOptions {
  /** Place among the files, from 0, or name of the reference; the sharpest frame unless given. */
  readonly reference?: number | string;
  /** Frames of a burst, 64 unless given. */
  readonly maxFrames?: number;
  readonly limits?: RawLimits;
}

const defaultMaxFrames = 64;

/**
 * Reads a burst of RAW frames: files, folders or patterns (`shots/IMG_*.dng`). One frame is decoded
 * after the other. Frames of another phase lose their first row or column, and all are cut to the
 * cells that they have in common; frames of another exposure are brought to that of the reference.
 * @throws InputError naming a file that is missing, damaged, of another size than the first, or
 * exposed more than 8 times more or less than the reference; LimitError beyond a limit;
 * ParameterError where the reference is none of the files.
 */
export async function openBurst(
  inputs: readonly string[],
  options: OpenBurstOptions = {},
): Promise<RawBurst> {
  const { files, notes: fileNotes } = await burstFiles(inputs);
  const maxFrames = options.maxFrames ?? defaultMaxFrames;
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
