/** A convolution and a rectifier; `index` is its place in torchvision's `features`. */
export interface Convolution {
  readonly kind: 'convolution';
  readonly index: number;
  readonly filters: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

/** SqueezeNet's module: `squeeze` channels, then `expand` by 1x1 joined with `expand` by 3x3. */
export interface Fire {
  readonly kind: 'fire';
  readonly index: number;
  readonly squeeze: number;
  readonly expand: number;
}

/** A maximum over kernel x kernel pixels at stride 2; `ceil` lets windows hang over the end. */
export interface Pooling {
  readonly kind: 'pooling';
  readonly kernel: number;
  readonly ceil: boolean;
}

export type Layer = Convolution | Fire | Pooling;

/** A classifier's convolutions, cut where LPIPS compares features: at the end of each slice. */
export interface Backbone {
  /** The name that torchvision gives the classifier. */
  readonly torchvision: string;
  readonly slices: readonly (readonly Layer[])[];
}

/** The backbones of LPIPS v0.1 by the names that LPIPS gives them. */
export const lpipsBackbones = {
  alex: {
    torchvision: 'alexnet',
    slices: [
      [convolution(0, 64, { kernel: 11, stride: 4, padding: 2 })],
      [pooling(3), convolution(3, 192, { kernel: 5 })],
      [pooling(3), convolution(6, 384)],
      [convolution(8, 256)],
      [convolution(10, 256)],
    ],
  },
  vgg: {
    torchvision: 'vgg16',
    slices: [
      [convolution(0, 64), convolution(2, 64)],
      [pooling(2), convolution(5, 128), convolution(7, 128)],
      [pooling(2), convolution(10, 256), convolution(12, 256), convolution(14, 256)],
      [pooling(2), convolution(17, 512), convolution(19, 512), convolution(21, 512)],
      [pooling(2), convolution(24, 512), convolution(26, 512), convolution(28, 512)],
    ],
  },
  squeeze: {
    torchvision: 'squeezenet1_1',
    slices: [
      [convolution(0, 64, { stride: 2, padding: 0 })],
      [pooling(3, true), fire(3, 16, 64), fire(4, 16, 64)],
      [pooling(3, true), fire(6, 32, 128), fire(7, 32, 128)],
      [pooling(3, true), fire(9, 48, 192)],
      [fire(10, 48, 192)],
      [fire(11, 64, 256)],
      [fire(12, 64, 256)],
    ],
  },
} as const satisfies Record<string, Backbone>;

export type LpipsBackbone = keyof typeof lpipsBackbones;

/** Rows that a layer makes of `extent` rows; below 1 where there are too few. */
export function layerExtent(layer: Layer, extent: number): number {
  if (layer.kind === 'fire') return extent;
  if (layer.kind === 'convolution')
    return Math.floor((extent + 2 * layer.padding - layer.kernel) / layer.stride) + 1;
  const steps = (extent - layer.kernel) / 2;
  return (layer.ceil ? Math.ceil(steps) : Math.floor(steps)) + 1;
}

function convolution(
  index: number,
  filters: number,
  { kernel = 3, stride = 1, padding = Math.floor(kernel / 2) } = {},
): Convolution {
  return { kind: 'convolution', index, filters, kernel, stride, padding };
}

function fire(index: number, squeeze: number, expand: number): Fire {
  return { kind: 'fire', index, squeeze, expand };
}

function pooling(kernel: number, ceil = false): Pooling {
  return { kind: 'pooling', kernel, ceil };
}
