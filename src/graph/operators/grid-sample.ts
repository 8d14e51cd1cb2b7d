import { ParameterError } from '../../tensor/errors.js';
import { sizeOf } from '../../tensor/tensor.js';
import { scalar } from '../leaves.js';
import { requireFloat, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';
import { readBilinearly } from './bilinear-reading.js';
import type { Operators } from './index.js';

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
  gradient: sampleGradient,
};

function sampleGradient(
  { inputs: [x, grid], attributes: { padding, alignCorners } }: Value<SampleAttributes>,
  upstream: Value,
  operators: Operators,
): Value[] {
  const { cast, clip, concat, equal, mul, reshape, slice } = operators;
  const [batch, channels, height, width] = x!.shape as [number, number, number, number];
  const length = sizeOf(grid!.shape.slice(1, 3));
  const flat = reshape(grid!, [batch, length, 2]);
  const [across, down] = [width, height].map((extent, axis) => {
    const part = reshape(slice(flat, 2, axis, axis + 1), [batch, length]);
    const half = (alignCorners ? extent - 1 : extent) / 2;
    const place = operators.add(mul(part, scalar(half)), scalar((extent - 1) / 2));
    if (padding === 'zeros') return { place, pull: scalar(half) };
    const inside = clip(place, { minimum: 0, maximum: extent - 1 });
    return { place: inside, pull: mul(cast(equal(inside, place), 'float32'), scalar(half)) };
  });
  const reading = readBilinearly(x!, down!.place, across!.place, operators);
  const slopes = reading.gradient(reshape(upstream, [batch, channels, length]));
  const parts = [mul(slopes.columns, across!.pull), mul(slopes.rows, down!.pull)];
  const apart = parts.map((part) => reshape(part, [batch, length, 1]));
  return [slopes.image, reshape(concat(apart, 2), grid!.shape)];
}

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
