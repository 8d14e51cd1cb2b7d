import type { Kind } from '../kind.js';
import { bicubic } from './bicubic.js';
import { cameraPipeline } from './camera-pipeline.js';
import { checkpoint } from './checkpoint.js';
import { diffusion } from './diffusion.js';
import { network } from './network.js';
import { perceptual } from './perceptual.js';
import { psnrSsim } from './psnr-ssim.js';
import { trainingStep } from './training-step.js';
import { warp } from './warp-affine.js';

/** Every sort of case; the first that recognises a case runs it, so the special ones come first. */
export const kinds: readonly Kind[] = [
  checkpoint,
  trainingStep,
  perceptual,
  network,
  diffusion,
  cameraPipeline,
  warp,
  bicubic,
  psnrSsim,
];
