import { logSpectralDistance } from '../../metrics/log-spectral.js';
import { psnr } from '../../metrics/psnr.js';
import type { Tensor } from '../../tensor/tensor.js';

/** How near an image is to its target. */
export interface Measures {
  /** Luma without 4 pixels along every edge, in dB; higher is nearer. */
  readonly psnr: number;
  /** Distance of the radial log power spectra of the same lumas, in dB; lower is nearer. */
  readonly logSpectral: number;
}

const border = 4;
const fidelity = psnr({ colourSpace: 'luma', border });
const spectrum = logSpectralDistance({ border });

/** Measures an image against its target, both [3, H, W] in [0, 1]. */
export function measure(target: Tensor, image: Tensor): Measures {
  return {
    psnr: fidelity.compute(target, image),
    logSpectral: spectrum.compute(target, image),
  };
}
