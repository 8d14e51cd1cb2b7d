import { ParameterError } from '../../tensor/errors.js';
import type { Metric } from './metric.js';
import { checkBorder, numeric, pairOf } from './planes.js';
import { blockSizeFor, radialSpectrum } from './radial-spectrum.js';

/**
 * Distance between log power spectra, in dB: the root mean square, over all radial frequencies but
 * zero, of the difference between the radially averaged log power spectra of the lumas
 * (radial-spectrum.ts). It is 0 for pictures that have equal detail in every band wherever it lies,
 * and large for one that is too smooth or too noisy, which an error per pixel does not tell apart.
 */
export function logSpectralDistance({ border = 0 }: { readonly border?: number } = {}): Metric {
  checkBorder(border);
  return {
    name: 'log-spectral',
    direction: 'lower',
    range: [0, Infinity],
    unit: 'dB',
    colourSpace: 'luma',
    border,
    version: '1',
    compute: (reference, test) => {
      const [a, b] = pairOf(reference, test, 'luma', border);
      const size = blockSizeFor(a.height, a.width);
      if (size === undefined)
        throw new ParameterError(
          'reference',
          'at least 8 x 8 pixels inside the border',
          reference.shape,
        );
      const first = radialSpectrum(a.planes[0]!, a.height, a.width, size);
      const second = radialSpectrum(b.planes[0]!, b.height, b.width, size);
      const sum = first.reduce((total, level, ring) => total + (level - second[ring]!) ** 2, 0);
      return numeric(Math.sqrt(sum / first.length));
    },
  };
}
