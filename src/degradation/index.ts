export * from './affine.js';
export * from './bicubic.js';
export { kernelOfPicture, parseKernel } from './blur/parse-kernel.js';
export { blurStrengths } from './blur/strengths.js';
export * from './burst.js';
export * from './camera/camera.js';
export * from './camera/colour-matrix.js';
export * from './camera/demosaic.js';
export * from './camera/gains.js';
export * from './camera/gamma.js';
export * from './camera/mosaic.js';
export * from './camera/noise.js';
export * from './camera/tone-curve.js';
export { createDegradation } from './create-degradation.js';
export type { Degradation } from './degradation.js';
export { throughJpeg } from './jpeg/jpeg.js';
export { linearToSrgb, srgbToLinear } from './light/transfer.js';
export * from './operators/bicubic-reduction.js';
export {
  type IterationLimits,
  solveByConjugateGradients,
} from './operators/conjugate-gradients.js';
export * from './operators/convolution.js';
export {
  type ForwardOperator,
  type ImageSize,
  pseudoInverse,
} from './operators/forward-operator.js';
export * from './operators/make-consistent.js';
export * from './operators/masking.js';
export * from './operators/measurement-noise.js';
export type { Precision } from './operators/precision.js';
export * from './operators/reduction-window.js';
export type { Place } from './place.js';
export { type DegradationSettings, degradationSchema, type Range } from './settings.js';
export * from './warp-affine.js';
