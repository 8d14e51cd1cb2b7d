export {
  type AdamFactors,
  type AdamInputs,
  type AdamSettings,
  adamFactors,
  adamUpdate,
  defaultAdam,
} from './adam.js';
export { findChannelBlock, type RunModel } from './blocked/find-channel-block.js';
export { type Cost, cost } from './cost.js';
export { gradients } from './differentiate.js';
export { clipToNorm, SQUARES } from './gradient-norm.js';
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
export { lowerToOnnx, lowerWithMemory, type OnnxModel } from './lower.js';
export { meanOverParts } from './mean-over-parts.js';
export { OnnxEmitter } from './onnx-emitter.js';
export * from './operators/index.js';
export { ParameterScope } from './parameter-scope.js';
export { executionOrder, type GraphMemory, graphMemory } from './peak-memory.js';
export { type LossAndGradients, rematerialisedGradients } from './rematerialise.js';
export { splitConvolutions } from './split-convolutions.js';
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
} from './training-step.js';
export { apply, type Operator, topologicalOrder, type Value, type ValueType } from './value.js';
