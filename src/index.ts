export * from './core.js';
export * from './engine/index.js';
