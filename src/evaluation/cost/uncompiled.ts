import type { GraphRunner } from '../../graph/graph-runner.js';
import { EngineError } from '../../tensor/errors.js';

/** A runner for graphs that are counted and never run. */
export const uncompiled: GraphRunner = {
  device: { requested: 'none', effective: 'none', threads: 0, runtime: 'none' },
  compile: async (key) => {
    throw new EngineError(key, 'is counted only, and cannot run');
  },
  checkpoint: async () => undefined,
  dispose: async () => undefined,
};
