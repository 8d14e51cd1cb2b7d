import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { BenchCase } from './cases.js';
import type { Clock } from './options.js';

const PYTHON = '/usr/bin/python3';

/** What PyTorch says of itself. */
export interface PytorchFacts {
  readonly version: string;
  readonly python: string;
  readonly threads: number;
  /** Files of the libraries that do its matrix products and convolutions. */
  readonly libraries: readonly string[];
}

/** PyTorch in a process of its own, which answers one request at a time. */
export class PytorchSide {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  }

  /**
   * Starts it with the allocator settings of engine processes.
   * @param libraries a folder whose shared libraries, such as a faster BLAS, come first.
   * @returns undefined where Debian's Python has no PyTorch.
   */
  static async start(
    environment: NodeJS.ProcessEnv,
    threads: number,
    libraries: string | undefined,
  ): Promise<PytorchSide | undefined> {
    const probe = spawn(PYTHON, ['-c', 'import torch, numpy'], { stdio: 'ignore' });
    const missing = new Promise<number>((resolve) => probe.once('error', () => resolve(1)));
    const code = await Promise.race([once(probe, 'exit').then(([exit]) => exit), missing]);
    if (code !== 0) return undefined;
    const search = [libraries, environment.LD_LIBRARY_PATH].filter(Boolean).join(':');
    const child = spawn(PYTHON, ['-B', path.join(import.meta.dirname, 'pytorch', 'serve.py')], {
      env: {
        ...environment,
        OMP_NUM_THREADS: `${threads}`,
        ...(search === '' ? {} : { LD_LIBRARY_PATH: search }),
      },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    return new PytorchSide(child);
  }

  about(threads: number): Promise<PytorchFacts> {
    return this.#ask({ command: 'about', threads });
  }

  /** Builds a case in every way of use, or those allowed, and runs each once. */
  prepare(
    bench: BenchCase,
    allowed: readonly string[] = [],
  ): Promise<{ usages: string[]; failed: Record<string, string> }> {
    return this.#ask({ command: 'prepare', case: bench, allowed });
  }

  /** Goes on with one way of use alone. */
  choose(usage: string): Promise<object> {
    return this.#ask({ command: 'choose', usage });
  }

  /** Milliseconds of each of some repetitions. */
  async measure(repetitions: number, clock: Clock, usage = ''): Promise<number[]> {
    const reply = await this.#ask<{ milliseconds: number[] }>({
      command: 'measure',
      usage,
      repetitions,
      clock,
    });
    return reply.milliseconds;
  }

  /** The numbers that ours are compared with, by name; `folder` takes temporary files. */
  async outcome(bench: BenchCase, folder: string): Promise<Map<string, Float32Array>> {
    const reply = await this.#ask<{ tensors: Record<string, string> }>({
      command: 'outcome',
      case: bench,
      folder,
    });
    const tensors = new Map<string, Float32Array>();
    for (const [name, file] of Object.entries(reply.tensors)) {
      const { buffer, byteOffset, byteLength } = await readFile(file);
      tensors.set(
        name,
        new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer),
      );
    }
    return tensors;
  }

  close(): void {
    this.#child.stdin!.end();
  }

  async #ask<Reply extends object>(request: object): Promise<Reply> {
    this.#child.stdin!.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error('the PyTorch process ended');
    const reply = JSON.parse(value) as Reply & { error?: string };
    if (reply.error !== undefined) throw new Error(`PyTorch: ${reply.error}`);
    return reply;
  }
}
