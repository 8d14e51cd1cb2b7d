import { ParameterError } from '../../tensor/errors.js';
import { requireFloat, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

/** What lies beyond the border of a sampled picture: zeros, or the border itself. */
export type SamplePadding = 'zeros' | 'border';

interface SampleAttributes {
  readonly padding: SamplePadding;
  readonly alignCorners: boolean;
}

const operator: Operator<SampleAttributes> = {
  name: 'gridSample',
  infer: ([x, grid]) => {
    for (const value of [x!, grid!]) {
      requireFloat('gridSample', value);
      requireRank('gridSample', value, 4);
    }
    const [batch, channels] = x!.shape as [number, number, number, number];
    const [places, height, width, axes] = grid!.shape as [number, number, number, number];
    if (places !== batch || axes !== 2)
      throw new ParameterError('gridSample grid', `[${batch}, height, width, 2]`, grid!.shape);
    return { shape: [batch, channels, height, width], dataType: 'float32' };
  },
  lower: (emitter, inputs, { attributes: { padding, alignCorners } }) =>
    emitter.node('GridSample', inputs, {
      mode: { text: 'bilinear' },
      padding_mode: { text: padding },
      align_corners: { int: alignCorners ? 1 : 0 },
    }),
};

/**
 * Pictures [N, C, H, W] read between their pixels, bilinearly, at the places of a grid
 * [N, height, width, 2], as PyTorch's `grid_sample`. A place is (x, y); -1 and 1 are the centres of
 * the border pixels with `alignCorners`, the outer edges of the picture without.
 * @throws ParameterError where the grid does not fit.
 */
export function gridSample(
  x: Value,
  grid: Value,
  options: { readonly padding?: SamplePadding; readonly alignCorners?: boolean } = {},
): Value {
  const { padding = 'zeros', alignCorners = false } = options;
  return apply(operator, [x, grid], { padding, alignCorners });
}
