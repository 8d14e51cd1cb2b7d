import { flip } from './flip.js';
import { gmsd } from './gmsd.js';
import { grain } from './grain.js';
import { haarPsi } from './haarpsi.js';
import { logSpectralDistance } from './log-spectral.js';
import type { Metric } from './metric.js';
import {
  lpipsAlex,
  lpipsSqueeze,
  lpipsVgg,
  topiqDelta,
  topiqFr,
  topiqNr,
} from './network-metrics.js';
import { niqe, niqeDelta } from './niqe.js';
import { alignedPsnr, psnr } from './psnr.js';
import { swd } from './sliced-wasserstein.js';
import { msSsim, ssim } from './ssim.js';
import { ssimulacra2 } from './ssimulacra2.js';

/** Every metric, in the order of columns. A new one is added here. */
export const metrics: readonly Metric[] = [
  psnr,
  ssim,
  msSsim,
  logSpectralDistance,
  alignedPsnr,
  haarPsi,
  gmsd,
  flip,
  ssimulacra2,
  grain('y'),
  grain('cb'),
  grain('cr'),
  lpipsAlex,
  lpipsVgg,
  lpipsSqueeze,
  topiqFr,
  topiqNr,
  topiqDelta,
  niqe,
  niqeDelta,
  swd,
];

/** The metric of a name, if there is one. */
export function findMetric(name: string): Metric | undefined {
  return metrics.find((metric) => metric.name === name);
}
