export { abs, add, cast, clip, cos, div, equal, erf, exp, greater, log, mul, neg, sign, sin, sqrt, stopGradient, sub, where } from './elementwise.js';
export { concat, expand, flip, pad, pixelShuffle, pixelUnshuffle, reshape, roll, slice, transpose } from './layout.js';
export { convTranspose2d, conv2d } from './convolutions.js';
export { type Deformation, deformConv2d } from './deformable-convolution.js';
export { gather, gatherElements, scatterAdd, scatterElements } from './indexing.js';
export { gelu, leakyRelu, prelu, relu, sigmoid, tanh } from './activations.js';
export { gridSample, type SamplePadding, resizeBilinear, resizeNearest } from './resampling.js';
export { layerNorm, softmax } from './normalization.js';
export { matmul } from './matmul.js';
export { maxPool2d } from './pooling.js';
export { reduceMax, reduceMean, reduceSum, sumTo } from './reductions.js';

/** Every operator by name: what gradients are written with. */
export type Operators = typeof import('./index.js');
