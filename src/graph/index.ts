export { type Cost, cost } from './cost.js';
export { type LayerCost, layerCosts } from './layer-costs.js';
export {
  constant,
  type Initial,
  input,
  isConstant,
  isInput,
  isParameter,
  type ParameterAttributes,
  parameter,
  scalar,
} from './leaves.js';
export { findChannelBlock, type RunModel } from './lowering/blocked/find-channel-block.js';
export { lowerToOnnx, lowerWithMemory, type OnnxModel } from './lowering/lower.js';
export { OnnxEmitter } from './lowering/onnx-emitter.js';
export { executionOrder, type GraphMemory, graphMemory } from './lowering/peak-memory.js';
export { splitConvolutions } from './lowering/split-convolutions.js';
export * from './operators/index.js';
export { ParameterScope } from './parameter-scope.js';
export {
  type AdamFactors,
  type AdamInputs,
  type AdamSettings,
  adamFactors,
  adamUpdate,
  defaultAdam,
} from './training/adam.js';
export { gradients } from './training/differentiate.js';
export { clipToNorm, SQUARES } from './training/gradient-norm.js';
export { meanOverParts } from './training/mean-over-parts.js';
export { type LossAndGradients, rematerialisedGradients } from './training/rematerialise.js';
export {
  buildGradientGraph,
  buildTrainingStep,
  type GradientGraph,
  gradientName,
  nextStateName,
  STATE_PARTS,
  type StatePart,
  stateName,
  type TrainingStep,
  type TrainingStepDefinition,
} from './training/training-step.js';
export { apply, type Operator, topologicalOrder, type Value, type ValueType } from './value.js';
