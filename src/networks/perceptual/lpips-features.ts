import { type ParameterScope, type Value, concat, maxPool2d, pad, relu } from '../../graph/index.js';
import { convolution } from '../layers.js';
import { type Backbone, type Fire, type Layer, type Pooling, layerExtent } from './lpips-backbones.js';

/** What each slice of a backbone makes of [N, 3, H, W]; parameters `sliceI.INDEX.…` in `scope`. */
export function sliceFeatures(
  { slices }: Backbone,
  scope: ParameterScope,
  pictures: Value,
): readonly Value[] {
  let x = pictures;
  return slices.map((layers, index) => {
    const own = scope.child(`slice${index + 1}`);
    x = layers.reduce((known, layer) => apply(layer, own, known), x);
    return x;
  });
}

/** The smallest height and width of which every slice makes something. */
export function smallestSide({ slices }: Backbone): number {
  const extents = (side: number): number[] => {
    let extent = side;
    return slices.flat().map((layer) => {
      extent = layerExtent(layer, extent);
      return extent;
    });
  };
  let side = 1;
  while (extents(side).some((extent) => extent < 1)) side += 1;
  return side;
}

function apply(layer: Layer, scope: ParameterScope, x: Value): Value {
  if (layer.kind === 'pooling') return pool(layer, x);
  const own = scope.child(`${layer.index}`);
  if (layer.kind === 'fire') return fire(layer, own, x);
  const { filters, kernel, stride, padding } = layer;
  return relu(convolution(own, x, { filters, kernel, stride, padding }));
}

function fire({ squeeze, expand }: Fire, scope: ParameterScope, x: Value): Value {
  const small = relu(convolution(scope.child('squeeze'), x, { filters: squeeze, kernel: 1 }));
  const wide = (name: string, kernel: number): Value =>
    relu(convolution(scope.child(name), small, { filters: expand, kernel }));
  return concat([wide('expand1x1', 1), wide('expand3x3', 3)], 1);
}

/** Rectified features are not negative, so that zeros beyond the end change no maximum. */
function pool(layer: Pooling, x: Value): Value {
  const missing = (extent: number): number =>
    Math.max(0, (layerExtent(layer, extent) - 1) * 2 + layer.kernel - extent);
  const [height, width] = x.shape.slice(2) as [number, number];
  const margins = [
    [0, 0],
    [0, 0],
    [0, missing(height)],
    [0, missing(width)],
  ] as const;
  const padded = missing(height) + missing(width) === 0 ? x : pad(x, margins);
  return maxPool2d(padded, { kernel: layer.kernel, stride: 2 });
}
