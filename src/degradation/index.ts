export { type ResizeTarget, resizeBicubic } from './bicubic-resize.js';
export { kernelOfImage, parseKernel } from './blur/kernel-blur.js';
export { blurStrengths } from './blur/trajectory.js';
export * from './burst.js';
export * from './camera/camera.js';
export * from './camera/colour-matrix.js';
export * from './camera/mosaic.js';
export {
  applyToneCurve,
  compressGamma,
  expandGamma,
  invertToneCurve,
  linearToSrgb,
  srgbToLinear,
} from './camera/transfer-curves.js';
export { createDegradation } from './create-degradation.js';
export type { Degradation, RandomKey } from './degradation.js';
export { throughJpeg } from './jpeg.js';
export { addSensorNoise, drawNoiseLevels, type NoiseLevels } from './noise.js';
export * from './operators/consistency.js';
export {
  type ForwardOperator,
  type ImageSize,
  type IterationLimits,
  type Precision,
  pseudoInverse,
  solveByConjugateGradients,
} from './operators/forward-operator.js';
export * from './operators/linear-operators.js';
export * from './operators/reduction-window.js';
export { type DegradationSettings, degradationSchema, type Range } from './settings.js';
export {
  type AffineMatrix,
  composeAffine,
  type HandShake,
  handShakeMatrix,
  invertAffine,
  sampleAffine,
  type WarpOptions,
  warpAffine,
} from './warp-affine.js';
