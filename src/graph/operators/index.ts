export { gelu, leakyRelu, prelu, relu, sigmoid, tanh } from './activations.js';
export { conv2d, convTranspose2d } from './convolutions.js';
export { type Deformation, deformConv2d } from './deformable-convolution.js';
export {
  abs,
  add,
  cast,
  clip,
  cos,
  div,
  equal,
  erf,
  exp,
  greater,
  log,
  mul,
  neg,
  sign,
  sin,
  sqrt,
  stopGradient,
  sub,
  where,
} from './elementwise.js';
export { gather, gatherElements, scatterAdd, scatterElements } from './indexing.js';
export {
  concat,
  expand,
  flip,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  reshape,
  roll,
  slice,
  transpose,
} from './layout.js';
export { matmul } from './matmul.js';
export { layerNorm, softmax } from './normalization.js';
export { maxPool2d } from './pooling.js';
export { reduceMax, reduceMean, reduceSum, sumTo } from './reductions.js';
export { gridSample, resizeBilinear, resizeNearest, type SamplePadding } from './resampling.js';

/** Every operator by name: what gradients are written with. */
export type Operators = typeof import('./index.js');
