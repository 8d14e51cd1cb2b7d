import { createEngine, type Engine } from '../src/engine/engine.js';
import { childEnvironment } from '../src/engine/engine-process.js';
import type { BenchCase } from './cases.js';
import type { BenchOptions } from './options.js';
import { PytorchSide } from './pytorch-side.js';

/** The two rivals of a case, with the same settings of the memory allocator. */
export interface Sides {
  readonly engine: Engine;
  /** Undefined where PyTorch is not installed. */
  readonly pytorch: PytorchSide | undefined;
}

/** Starts both sides, those of trainings with the allocator settings of training runs. */
export class SidesByKind {
  readonly #options: BenchOptions;
  readonly #started = new Map<boolean, Promise<Sides>>();

  constructor(options: BenchOptions) {
    this.#options = options;
  }

  of({ kind }: Pick<BenchCase, 'kind'>): Promise<Sides> {
    const keepFreed = kind === 'training';
    const known = this.#started.get(keepFreed);
    if (known !== undefined) return known;
    const sides = this.#start(keepFreed);
    this.#started.set(keepFreed, sides);
    return sides;
  }

  async close(): Promise<void> {
    for (const { engine, pytorch } of await Promise.all(this.#started.values())) {
      pytorch?.close();
      await engine.close();
    }
  }

  async #start(keepFreed: boolean): Promise<Sides> {
    const { threads, torchLibraries } = this.#options;
    const environment = childEnvironment(process.env, keepFreed);
    return {
      engine: createEngine({ keepFreed }),
      pytorch: await PytorchSide.start(environment, threads, torchLibraries),
    };
  }
}
