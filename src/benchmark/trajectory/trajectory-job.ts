import { basename } from 'node:path';
import type { JobContext } from '../../engine/job.js';
import { writeFileAtomic } from '../../files/write-atomic.js';
import { decodeImage } from '../../images/decode.js';
import { type Orientation, turnUpright } from '../../images/orientation.js';
import { enlargeNearest, sampleEvenly } from '../../reports/page.js';
import {
  renderTrajectory,
  type Square,
  type TrajectoryFacts,
} from '../../reports/trajectory-page.js';
import {
  joinBurst,
  joinImage,
  type Pack,
  type Restoration,
  type TracedStep,
  taskOf,
  traceRestoration,
} from '../../restoration/index.js';
import { colourPolicy, prepareColours, requireWritable } from '../../restore-files/input-image.js';
import { readBurst } from '../../restore-files/read-burst.js';
import { openSession, requireResultSize } from '../../restore-files/restore-session.js';
import type { RestoreUpdate } from '../../restore-files/time-left.js';
import type { Tensor } from '../../tensor/tensor.js';
import { cropped, type Rectangle } from '../../tensor/window.js';
import { ParameterError } from '../../utils/errors.js';
import { baseline } from '../evaluation/items.js';
import type { TrajectoryRequest } from './trajectory.js';

/** Side of the square that is shown unless one is named. */
const SIDE = 192;
const MOST_STEPS = 24;

/** Restores an input from files and writes a page of how the result came about. */
export async function writePage(
  context: JobContext<RestoreUpdate>,
  {
    inputs,
    page,
    crop,
    shown: most = MOST_STEPS,
    scale,
    frames,
    reference,
    ...request
  }: TrajectoryRequest & { readonly inputs: readonly string[]; readonly page: string },
): Promise<TrajectoryFacts> {
  if (!(Number.isInteger(most) && most >= 2))
    throw new ParameterError('shown', 'at least 2 steps', most);
  await requireWritable(page);
  const work = await openSession(context, request);
  const { pack, maxPixels, runner, options } = work;
  const opened = await open(inputs, pack, { scale, frames, reference });
  const { restoration, name } = opened;
  requireResultSize(name, restoration.input, { scale: restoration.scale, maxPixels });
  const width = restoration.input.width * restoration.scale;
  const height = restoration.input.height * restoration.scale;
  const square = crop ?? middle(width, height);
  const part = { left: square.left, top: square.top, height: square.size, width: square.size };
  const { samples: _samples, region: _region, onStep: _onStep, ...chain } = options;
  const { facts, restored, image, steps } = await traceRestoration(restoration, runner, {
    ...{ ...chain, part },
    wanted: (index, count) => isShown(index, count, most),
  });
  const told: TrajectoryFacts = {
    ...{ pack: pack.manifest.name, task: pack.manifest.task, seed: options.seed ?? 0 },
    ...{ settings: facts.settings, nfe: facts.nfe, steps: facts.settings.steps },
    shown: steps.map(({ index, t, next, sigma, weights }) => ({
      ...{ number: index + 1, t, next, sigma },
      ...(weights === undefined ? {} : { weights }),
    })),
    ...{ width, height, crop: square },
  };
  const { orientation } = opened;
  const upright = (own: Tensor): Tensor => turnUpright(own, orientation);
  const html = await renderTrajectory({
    ...{ name, facts: told },
    input: { ...opened.input, image: upright(opened.input.part(part)) },
    ...{ restored: upright(restored), result: upright(image) },
    steps: steps.map(({ state, denoised, estimate }: TracedStep) => ({
      ...{ state: upright(state), denoised: upright(denoised), estimate: upright(estimate) },
    })),
  });
  await writeFileAtomic(page, new TextEncoder().encode(html));
  return told;
}

/** An input joined with its pack, and as it may be looked at. */
interface OpenInput {
  readonly name: string;
  readonly restoration: Restoration;
  readonly orientation: Orientation;
  readonly input: { readonly label: string; readonly part: (place: Rectangle) => Tensor };
}

async function open(
  inputs: readonly string[],
  pack: Pack,
  { scale, frames: most, reference }: Pick<TrajectoryRequest, 'scale' | 'frames' | 'reference'>,
): Promise<OpenInput> {
  const [first] = inputs;
  if (first === undefined) throw new ParameterError('input', 'an image or a burst', 'none');
  if (taskOf(pack.manifest.task).input.name === 'burst') {
    const { frames } = await readBurst(inputs, reference);
    const { camera, orientation } = frames[0]!.metadata;
    const burst = { frames: frames.map(({ packed }) => packed), camera };
    const { restoration } = joinBurst(burst, pack, { scale, frames: most });
    const shown = (place: Rectangle) => cropped(baseline(burst, restoration.scale / 2), place);
    const input = { label: 'reference frame, developed without a network', part: shown };
    return { name: basename(frames[0]!.name), restoration, orientation, input };
  }
  if (inputs.length > 1) throw new ParameterError('input', 'one image', inputs);
  for (const [name, value] of Object.entries({ scale, frames: most, reference }))
    if (value !== undefined) throw new ParameterError(name, 'only with a burst', value);
  const { tensor: stored, alpha, ...found } = await decodeImage(first);
  const image = prepareColours(stored, alpha, colourPolicy(found, false).colour);
  const restoration = joinImage(image, pack);
  const shown = (place: Rectangle) => enlargeNearest(image, restoration.scale, place);
  const input = { label: 'input', part: shown };
  return { name: basename(first), restoration, orientation: 1, input };
}

function middle(width: number, height: number): Square {
  const size = Math.min(SIDE, width, height);
  return { left: Math.floor((width - size) / 2), top: Math.floor((height - size) / 2), size };
}

function isShown(index: number, steps: number, most: number): boolean {
  const all = Array.from({ length: steps }, (_, step) => step);
  return sampleEvenly(all, most).includes(index);
}
