export { type Cost, cost, type LayerCost, layerCosts } from './cost.js';
export {
  constant,
  type Initial,
  input,
  isConstant,
  isInput,
  isParameter,
  type ParameterAttributes,
  ParameterScope,
  parameter,
  scalar,
} from './leaves.js';
export {
  findChannelBlock,
  lowerToOnnx,
  lowerWithMemory,
  type OnnxModel,
  type RunModel,
} from './lowering/lower.js';
export { OnnxEmitter } from './lowering/onnx-emitter.js';
export { executionOrder, type GraphMemory, graphMemory } from './lowering/peak-memory.js';
export { splitConvolutions } from './lowering/split-convolutions.js';
export * from './operators/index.js';
export {
  gradients,
  type LossAndGradients,
  rematerialisedGradients,
} from './training/differentiate.js';
export {
  type AdamFactors,
  type AdamInputs,
  type AdamSettings,
  adamFactors,
  adamUpdate,
  clipToNorm,
  defaultAdam,
  SQUARES,
} from './training/optimizer.js';
export {
  buildGradientGraph,
  buildTrainingStep,
  type GradientGraph,
  gradientName,
  meanOverParts,
  nextStateName,
  STATE_PARTS,
  type StatePart,
  stateName,
  type TrainingStep,
  type TrainingStepDefinition,
} from './training/training-step.js';
export { apply, type Operator, topologicalOrder, type Value, type ValueType } from './value.js';
