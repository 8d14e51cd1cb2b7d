import type { Comparison } from '../table.js';

/** What images are judged by: distance from the target, then how they look. */
const common = [
  ...['psnr', 'ssim', 'log-spectral', 'grain-y', 'swd', 'niqe-delta'],
  ...['lpips-alex', 'topiq-delta'],
];
export const imageMetrics: readonly string[] = common;
/** With the customary score of super-resolution beside it. */
export const enlargementMetrics: readonly string[] = ['psnr:y:4', ...common];

export const fidelity: readonly string[] = ['psnr'];
export const perception: readonly string[] = [
  ...['log-spectral', 'grain-y', 'swd', 'niqe-delta', 'lpips-alex', 'topiq-delta'],
];

/** A loss of PSNR in dB, or a difference of NIQE and the like, that nobody would see. */
export const UNSEEN = 0.1;
/** A loss of PSNR in dB that still keeps up. */
export const KEEPS_UP = 0.5;

export const RESTORER = 'restoration network alone';

/** Motion blur for photographs that are to be deblurred. */
export const MEDIUM_BLUR = { kind: 'motion-blur', strength: 'medium' } as const;

/** The pack sr4 with its fusion network trained on to t = 250, which its manifest may not allow. */
/** The pack with a fusion network trained by the paper's loss. */
export const SR4 = 'pack:sr4@fusion={fusion-sr4}';
export const TO_250 = 'pack:sr4@fusion={fusion-250}@beyond-training=true';

export const TO_250_NOTE =
  'The fusion network is that of the pack sr4 trained on to t = 250, where the denoiser was trained to already; the manifest of the pack may state less, hence beyond-training in the method.';

/** What the paper says of the modules together and of their restoration network. */
export function againstRestorer(row: string): Comparison[] {
  return [
    {
      says: 'looks better than the restoration network alone',
      ...{ row, against: RESTORER },
      ...{ metrics: perception, expected: 'better' },
    },
    {
      says: 'fidelity keeps up',
      ...{ row, against: RESTORER },
      ...{ metrics: fidelity, expected: { within: KEEPS_UP } },
    },
  ];
}
