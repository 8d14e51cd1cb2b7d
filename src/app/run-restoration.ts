import { type Orientation, turnUpright } from '../image/orientation.js';
import {
  type Restoration,
  type RestorationFacts,
  type RestoreOptions,
  type RestoreResult,
  RowWindow,
  restoreRegions,
  restoreWhole,
} from '../restoration/index.js';
import type { RestoreFacts } from './restore-request.js';
import type { Work } from './restore-work.js';
import type { ResultFile } from './result-file.js';
import { type TilingError, tilingError } from './tiling-error.js';
import { uprightRegions } from './upright-regions.js';

const WHOLE = 2 ** 30;

/** Restores into memory and, where that was asked for, once more in one piece. */
export async function restoreHere(
  work: Work,
  restoration: Restoration,
  beforeMeasuring: (result: RestoreResult) => Promise<void> = async () => undefined,
): Promise<Pick<RestoreResult, 'picture' | 'restored'> & { readonly facts: RestoreFacts }> {
  const started = performance.now();
  const result = await restoreWhole(restoration, work.runner, work.options);
  const seconds = (performance.now() - started) / 1000;
  await beforeMeasuring(result);
  const { picture, restored, ...facts } = result;
  const [, height, width] = picture.shape as [number, number, number];
  const tiling = work.reportTiling ? await measured(work, restoration, result) : undefined;
  const all = factsOf(work, facts, { height, width }, seconds);
  return { picture, restored, facts: { ...all, ...(tiling && { tiling }) } };
}

/**
 * Restores into a file, which gets its rows as they are finished, turned upright. Where the
 * difference of tiles to one piece is asked for, the result is held whole, and written before that
 * is measured.
 */
export async function restoreInto(
  given: Work,
  restoration: Restoration,
  file: ResultFile,
  orientation: Orientation = 1,
): Promise<RestoreFacts> {
  const work = orientation >= 5 ? turnedProgress(given) : given;
  try {
    if (work.reportTiling) {
      const { facts } = await restoreHere(work, restoration, async ({ picture }) => {
        await file.write(turnUpright(picture, orientation));
        await file.finish();
      });
      const { width, height } = facts;
      return orientation >= 5 ? { ...facts, width: height, height: width } : facts;
    }
    const started = performance.now();
    const { facts, size } = await restoreRows(work, restoration, file, orientation);
    await file.finish();
    return factsOf(work, facts, size, (performance.now() - started) / 1000);
  } finally {
    await file.abandon();
  }
}

/** Progress that speaks of the upright result. */
function turnedProgress(work: Work): Work {
  const { onProgress } = work.options;
  const turned: RestoreOptions['onProgress'] = (progress) =>
    onProgress?.({ ...progress, width: progress.height, height: progress.width });
  return { ...work, options: { ...work.options, onProgress: turned } };
}

async function restoreRows(
  { runner, options }: Work,
  restoration: Restoration,
  file: ResultFile,
  orientation: Orientation,
) {
  const { input, scale } = restoration;
  const stored = { height: input.height * scale, width: input.width * scale };
  const size = orientation >= 5 ? { height: stored.width, width: stored.height } : stored;
  let window: RowWindow | undefined;
  let upright: ReturnType<typeof uprightRegions> | undefined;
  const facts = await restoreRegions(
    restoration,
    runner,
    options,
    ({ region, picture }) =>
      window!.add(upright!.turned.get(region)!, turnUpright(picture, orientation)),
    (regions) => {
      upright = uprightRegions(regions, orientation, stored);
      const places = upright.inOrder.map((region) => upright!.turned.get(region)!);
      window = new RowWindow(places, size.width, (rows) => file.write(rows));
      return upright.inOrder;
    },
  );
  return { facts, size };
}

function factsOf(
  { pack, swapped, options }: Work,
  facts: RestorationFacts,
  size: { readonly height: number; readonly width: number },
  seconds: number,
): RestoreFacts {
  return {
    ...facts,
    pack: pack.manifest.name,
    task: pack.manifest.task,
    ...(Object.keys(swapped).length === 0 ? {} : { swapped }),
    seed: options.seed ?? 0,
    width: size.width,
    height: size.height,
    tile: options.tile ?? pack.manifest.tile,
    seconds,
  };
}

async function measured(
  { runner, options }: Work,
  restoration: Restoration,
  tiled: RestoreResult,
): Promise<TilingError> {
  if (tiled.tiles === 1 && tiled.restorerTiles === 1) return { maximum: 0, rms: 0 };
  const whole = await restoreWhole(restoration, runner, { ...options, tile: WHOLE, region: WHOLE });
  return tilingError(tiled.picture, whole.picture);
}
