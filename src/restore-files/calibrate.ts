import { createSchedule, resolveSampler } from '../diffusion/index.js';
import type { Restoration } from '../restoration/index.js';
import { PackGraphs } from '../restoration/pack-graphs.js';
import { Estimator, RestoredParts } from '../restoration/tiled-networks.js';
import { layOutResult } from '../restoration/tiles/tile-settings.js';
import type { RestoreSession } from './restore-session.js';
import type { Calibration } from './time-left.js';

/** Side in pixels of the measured piece of the result. */
const SIDE = 192;
/** Largest share of the whole work that the measurement may take. */
const LARGEST_SHARE = 0.01;
/** Share of the restoration network below which the other networks are measured soon anyway. */
const LEAST_RESTORING = 0.05;

/**
 * Measures the speed of a pack's networks: runs each twice on a small piece of the input and times
 * the second run. Skipped if that would be a noticeable part of the work, or if the speeds will be
 * known after the first tenth of it anyway.
 */
export async function calibrate(
  { pack, runner, options }: RestoreSession,
  restoration: Restoration,
): Promise<Calibration | undefined> {
  const { input, scale } = restoration;
  const { tile = pack.manifest.tile, samples = 1 } = options;
  const side = Math.ceil(SIDE / scale);
  const small = { height: Math.min(side, input.height), width: Math.min(side, input.width) };
  const result = { height: small.height * scale, width: small.width * scale };
  const graphs = new PackGraphs(restoration.pack, runner);
  const part = { top: 0, left: 0, ...result };
  const restorer = () =>
    new RestoredParts({ ...restoration, input: { ...input, ...small } }, graphs, [part], tile);
  const estimator = new Estimator(
    graphs,
    layOutResult(restoration.pack, { ...result, tile }),
    2 ** 40,
  );
  const own = restorer().macs;
  const evaluation = estimator.macs(2) - estimator.macs(1);
  const known = estimator.macs(1) - evaluation;
  const { settings } = resolveSampler(options, {
    schedule: createSchedule(),
    defaults: pack.manifest.sampler,
    allowBeyondTraining: true,
  });
  const whole = own + known + evaluation * settings.steps * samples;
  const pieces = (input.height * input.width) / (small.height * small.width);
  if (2 * (own + known + evaluation) > LARGEST_SHARE * pieces * whole) return undefined;
  if (own < LEAST_RESTORING * whole) return undefined;

  const none = async () => undefined;
  await restorer().restored(0, none);
  let started = performance.now();
  const restored = await restorer().restored(0, none);
  const restoring = (performance.now() - started) / own;
  const request = { x: new Float64Array(restored.data.length), signal: 1, sigma: 1, t: 1 };
  await estimator.estimate(request, restored, none);
  started = performance.now();
  await estimator.estimate(request, restored, none);
  return { restoring, sampling: (performance.now() - started) / evaluation };
}
