export * from './tensor/errors.js';
export * from './tensor/tensor.js';
