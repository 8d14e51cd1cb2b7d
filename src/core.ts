export * as diffusion from './diffusion/index.js';
export * as graph from './graph/index.js';
export * from './tensor/errors.js';
export * from './tensor/safetensors.js';
export * from './tensor/tensor.js';
