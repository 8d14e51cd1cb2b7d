import { sampleAffine } from '../../../degradation/warp-affine.js';
import { allFinite } from '../../../restoration/finite.js';
import { ParameterError } from '../../../tensor/errors.js';
import type { Tensor } from '../../../tensor/tensor.js';
import type { Metric } from '../metric.js';
import { checkBorder, numeric, pairSize } from '../planes.js';
import { CELL, EDGE_CELLS, mapped, matchColours } from './colour-match.js';
import { meanOfChannels, type Plane } from './plane.js';
import { registration } from './registration.js';

/** Cells left between the edges for the colours to be fitted on. */
const leastCells = 6;
const smallestSide = CELL * (2 * EDGE_CELLS + leastCells);
/** Share of valid cells, interpolated, from which a pixel counts. */
const validShare = 0.9;

/**
 * PSNR for pictures of another camera or place than their target, after the protocol of real bursts
 * (Bhat et al., "Deep Burst Super-Resolution", 2021): the picture is moved onto the target, its
 * colours are mapped linearly to the target's, and pixels around cells whose colours still differ
 * by 20 grey levels are left out. The border is the protocol's 40 pixels unless given.
 *
 * It differs from the protocol in two ways, so that figures are near but not equal: the picture is
 * moved by one affine map found by least squares in place of a flow network's displacement for
 * every pixel, and the colour map is fitted on the picture itself in place of the burst's first
 * frame, which forgives a global error of colour.
 */
export function alignedPsnr({
  border = CELL * EDGE_CELLS,
}: {
  readonly border?: number;
} = {}): Metric {
  checkBorder(border);
  return {
    name: 'aligned-psnr',
    direction: 'higher',
    range: [0, Infinity],
    unit: 'dB',
    colourSpace: 'rgb',
    border,
    version: '1',
    compute: (reference, test) => {
      const inside = pairSize(reference, test, border);
      for (const { data } of [reference, test]) numeric(allFinite(data) ? 0 : Number.NaN);
      const [, height, width] = reference.shape as [number, number, number];
      if (Math.min(height, width) < smallestSide)
        throw new ParameterError(
          'reference',
          `at least ${smallestSide} x ${smallestSide} pixels`,
          reference.shape,
        );
      const matrix = registration(meanOfChannels(reference), meanOfChannels(test));
      const moved = sampleAffine(test, matrix, height, width);
      return numeric(matchedPsnr(reference, moved, border, inside));
    },
  };
}

function matchedPsnr(
  reference: Tensor,
  moved: Tensor,
  border: number,
  inside: { readonly height: number; readonly width: number },
): number {
  const [, height, width] = reference.shape as [number, number, number];
  const { matrix, valid } = matchColours(reference, moved);
  const pixels = height * width;
  const colour = new Float64Array(3);
  const shares = new Float64Array(width);
  let [squares, count] = [0, 0];
  for (let row = border; row < border + inside.height; row++) {
    interpolateRow(valid, row, shares);
    for (let column = border; column < border + inside.width; column++) {
      if (!(shares[column]! > validShare)) continue;
      const index = row * width + column;
      for (let channel = 0; channel < 3; channel++)
        colour[channel] = moved.data[channel * pixels + index]!;
      for (let channel = 0; channel < 3; channel++)
        squares +=
          (mapped(matrix[channel]!, colour) - reference.data[channel * pixels + index]!) ** 2;
      count += 3;
    }
  }
  if (count === 0)
    throw new ParameterError(
      'test',
      "a picture whose colours a linear map can bring near the reference's",
      'no such place',
    );
  return 10 * Math.log10(count / squares);
}

/** Values of the cells' plane at a row of pixels, bilinearly between the centres of cells. */
function interpolateRow({ height, width, data }: Plane, row: number, into: Float64Array): void {
  const y = (row + 0.5) / CELL - 0.5;
  const top = Math.floor(y);
  const down = y - top;
  const above = Math.min(height - 1, Math.max(0, top)) * width;
  const below = Math.min(height - 1, top + 1) * width;
  for (let column = 0; column < into.length; column++) {
    const x = (column + 0.5) / CELL - 0.5;
    const first = Math.floor(x);
    const across = x - first;
    const left = Math.min(width - 1, Math.max(0, first));
    const right = Math.min(width - 1, first + 1);
    const upper = (1 - across) * data[above + left]! + across * data[above + right]!;
    const lower = (1 - across) * data[below + left]! + across * data[below + right]!;
    into[column] = (1 - down) * upper + down * lower;
  }
}
