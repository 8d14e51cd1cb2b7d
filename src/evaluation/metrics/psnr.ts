import type { Metric, MetricSettings } from './metric.js';
import { checkBorder, numeric, pairOf } from './planes.js';

/**
 * Peak signal-to-noise ratio, 10 log10(255^2 / MSE) in dB, the error averaged over all pixels and
 * channels; infinite for equal pictures. Pictures are taken as they are: quantise them first where
 * figures of 8-bit files are wanted.
 *
 * @example psnr({ colourSpace: 'luma', border: 4 }).compute(target, restored)
 */
export function psnr({ colourSpace = 'rgb', border = 0 }: MetricSettings = {}): Metric {
  checkBorder(border);
  return {
    name: 'psnr',
    direction: 'higher',
    range: [0, Infinity],
    unit: 'dB',
    colourSpace,
    border,
    version: '1',
    compute: (reference, test) => {
      const [a, b] = pairOf(reference, test, colourSpace, border);
      let sum = 0;
      a.planes.forEach((plane, index) => {
        const other = b.planes[index]!;
        for (let pixel = 0; pixel < plane.length; pixel++)
          sum += (plane[pixel]! - other[pixel]!) ** 2;
      });
      const meanSquare = sum / (a.planes.length * a.height * a.width);
      return numeric(10 * Math.log10(255 ** 2 / meanSquare));
    },
  };
}
