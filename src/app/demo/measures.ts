import { logSpectralDistance } from '../../metrics/log-spectral.js';
import { psnr } from '../../metrics/psnr.js';
import type { Tensor } from '../../tensor/tensor.js';

/** How near a picture is to its target. */
export interface Measures {
  /** Luma without 4 pixels along every edge, in dB; higher is nearer. */
  readonly psnr: number;
  /** Distance of the radial log power spectra of the same lumas, in dB; lower is nearer. */
  readonly logSpectral: number;
}

const border = 4;
const fidelity = psnr({ colourSpace: 'luma', border });
const spectrum = logSpectralDistance({ border });

/** Measures a picture against its target, both [3, H, W] in [0, 1]. */
export function measure(target: Tensor, picture: Tensor): Measures {
  return {
    psnr: fidelity.compute(target, picture),
    logSpectral: spectrum.compute(target, picture),
  };
}
