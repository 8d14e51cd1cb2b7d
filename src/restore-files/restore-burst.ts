import type { JobContext } from '../engine/job.js';
import { formatFromPath } from '../images/format.js';
import { exifBlock } from '../images/metadata.js';
import { isStreamed } from '../images/streamed-writer.js';
import {
  type Burst,
  type BurstRestoration,
  joinBurst,
  taskWithInput,
} from '../restoration/index.js';
import { requireWritable } from './input-image.js';
import { readBurst } from './read-burst.js';
import { type RestoredInMemory, restoreIntoFiles, restoreIntoMemory } from './restore-image.js';
import type {
  BurstFacts,
  BurstFilesRequest,
  BurstRequest,
  RestoreFacts,
} from './restore-request.js';
import { openSession, type RestoreSession, requireResultSize } from './restore-session.js';
import { ResultFile, ResultFiles } from './result-file.js';
import type { RestoreUpdate } from './time-left.js';

/** Restores frames that the caller holds. */
export async function restoreFrames(
  context: JobContext<RestoreUpdate>,
  { burst, scale, frames, ...request }: BurstRequest & { readonly burst: Burst },
): Promise<RestoreFacts & Omit<RestoredInMemory, 'facts'>> {
  const session = await openSession(context, {
    ...request,
    task: request.task ?? taskWithInput('burst'),
  });
  const joined = joinBurst(burst, session.pack, { scale, frames });
  requireSize('burst', session, joined);
  const { facts, ...result } = await restoreIntoMemory(session, joined.restoration);
  return { ...facts, burst: burstFacts(joined, (frame) => `frame ${frame}`, []), ...result };
}

/** Reads, restores and writes a burst; the result stands upright. */
export async function restoreFramesToFile(
  context: JobContext<RestoreUpdate>,
  {
    inputs,
    output,
    scale,
    frames: most,
    reference,
    ...request
  }: BurstFilesRequest & { readonly inputs: readonly string[]; readonly output: string },
): Promise<RestoreFacts> {
  const format = formatFromPath(output);
  await requireWritable(output);
  const session = await openSession(context, {
    ...request,
    task: request.task ?? taskWithInput('burst'),
  });
  const { frames, notes } = await readBurst(inputs, reference, request.limits);
  await context.checkpoint();
  const { camera, orientation } = frames[0]!.metadata;
  const burst = { frames: frames.map(({ packed }) => packed), camera };
  const joined = joinBurst(burst, session.pack, { scale, frames: most });
  const { height, width } = requireSize(frames[0]!.name, session, joined);
  const exif = await exifBlock(frames[0]!.metadata);
  const file = new ResultFile({
    path: output,
    height: orientation >= 5 ? width : height,
    width: orientation >= 5 ? height : width,
    bitDepth: isStreamed(format) ? 16 : 8,
    scale: 1,
    ...(exif === undefined ? {} : { exif }),
  });
  const facts = await restoreIntoFiles(
    session,
    joined.restoration,
    new ResultFiles(file, request),
    orientation,
  );
  return { ...facts, burst: burstFacts(joined, (frame) => frames[frame]!.name, notes) };
}

/** The size of the result as the sensor stands. */
function requireSize(
  subject: string,
  { maxPixels }: RestoreSession,
  { restoration: { input, scale } }: BurstRestoration,
) {
  requireResultSize(subject, input, { scale, maxPixels });
  return { height: input.height * scale, width: input.width * scale };
}

function burstFacts(
  { frames: { used, left }, motions, restoration }: BurstRestoration,
  nameOf: (frame: number) => string,
  notes: readonly string[],
): BurstFacts {
  const distinct = [...new Set(used)];
  const isDifferent = (frame: number): boolean => motions[frame]?.state === 'different';
  return {
    used: distinct.map(nameOf),
    repeated: used.length - distinct.length,
    left: left.filter((frame) => !isDifferent(frame)).map(nameOf),
    different: left.filter(isDifferent).map(nameOf),
    motions: motions.map((motion, frame) => ({ name: nameOf(frame), ...motion })),
    notes,
    scale: restoration.scale / 2,
  };
}
