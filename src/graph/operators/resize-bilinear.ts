import { tensor } from '../../tensor/tensor.js';
import { constant } from '../leaves.js';
import { requireFloat, requirePositiveIntegers, requireRank } from '../shapes.js';
import { apply, type Operator, type Value } from '../value.js';

interface ResizeAttributes {
  readonly size: readonly [number, number];
  readonly alignCorners: boolean;
}

const operator: Operator<ResizeAttributes> = {
  name: 'resizeBilinear',
  infer: ([x], { size }) => {
    requireFloat('resizeBilinear', x!);
    requireRank('resizeBilinear', x!, 4);
    requirePositiveIntegers('resizeBilinear size', size);
    return { shape: [...x!.shape.slice(0, 2), ...size], dataType: 'float32' };
  },
  lower: (emitter, [x], { shape, attributes: { alignCorners } }) =>
    emitter.node('Resize', [x!, '', '', emitter.ints(shape)], {
      mode: { text: 'linear' },
      coordinate_transformation_mode: { text: alignCorners ? 'align_corners' : 'half_pixel' },
    }),
  gradient: ({ inputs: [x], attributes: { size, alignCorners } }, upstream, operators) => {
    const [height, width] = x!.shape.slice(2) as [number, number];
    const rows = interpolationMatrix(height, size[0], alignCorners);
    const columns = interpolationMatrix(width, size[1], alignCorners);
    const { matmul, transpose } = operators;
    const alongRows = matmul(upstream, constant(columns));
    return [matmul(transpose(constant(rows), [1, 0]), alongRows)];
  },
};

/** The [to, from] matrix that interpolates linearly between samples of one axis. */
function interpolationMatrix(from: number, to: number, alignCorners: boolean) {
  const matrix = new Float32Array(to * from);
  for (let place = 0; place < to; place += 1) {
    const source = alignCorners
      ? to === 1
        ? 0
        : (place * (from - 1)) / (to - 1)
      : ((place + 0.5) * from) / to - 0.5;
    const clamped = Math.min(Math.max(source, 0), from - 1);
    const below = Math.floor(clamped);
    const above = Math.min(below + 1, from - 1);
    const share = clamped - below;
    matrix[place * from + below]! += 1 - share;
    matrix[place * from + above]! += share;
  }
  return tensor([to, from], matrix);
}

/** [N, C, H, W] interpolated linearly to `size`, as PyTorch's `interpolate` without antialiasing. */
export function resizeBilinear(
  x: Value,
  size: readonly [number, number],
  options: { readonly alignCorners?: boolean } = {},
): Value {
  return apply(operator, [x], { size, alignCorners: options.alignCorners ?? false });
}
