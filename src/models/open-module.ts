import { availableParallelism } from 'node:os';
import { defaultMemory } from '../engine/devices.js';
import { createEngine, type Engine } from '../engine/engine.js';
import { defineJob } from '../engine/job.js';
import { withTimeLimit } from '../engine/time-limit.js';
import { readWeights } from '../files/input-file.js';
import { readJson } from '../files/read-json.js';
import { type PackModule, type ProbeReport, requireContract } from '../restoration/index.js';
import { EngineError, LimitError, ModelError } from '../utils/errors.js';
import { MIN_PROCESS_BYTES, PROBE_BYTES, PROBE_SECONDS } from '../utils/limits.js';
import type { Module } from '../weights/module-file.js';
import type { OnnxFile } from '../weights/onnx/decode-onnx.js';
import {
  defineOnnxModule,
  type OnnxStatement,
  parseStatement,
} from '../weights/onnx/onnx-module.js';
import type { ProbeRequest } from './probe-job.js';

export type ModuleRole = 'restorer' | 'denoiser' | 'fusion';

/**
 * A module to be put into a pack: a file of weights of any form that can be read, or an ONNX file
 * with what is known of its contract.
 */
export type ModuleSource =
  | string
  | { readonly file: string; readonly contract?: OnnxStatement | undefined };

/** The file of a source. */
export function fileOf(source: ModuleSource): string {
  return typeof source === 'string' ? source : source.file;
}

/** Where the contract of an ONNX file may be stated: a JSON file with `.contract.json` in place of `.onnx`. */
export function contractFileOf(source: ModuleSource): string {
  return fileOf(source).replace(/(\.onnx)?$/i, '.contract.json');
}

/**
 * What is stated of the contract of an ONNX file: with the source, or beside it.
 * @throws ModelError where that file is damaged.
 */
export async function statementOf(source: ModuleSource): Promise<OnnxStatement> {
  if (typeof source !== 'string' && source.contract !== undefined)
    return parseStatement(source.contract, `${source.file} contract`);
  if (!/\.onnx$/i.test(fileOf(source))) return {};
  const path = contractFileOf(source);
  const json = await readJson(path);
  return json === undefined ? {} : parseStatement(json, path);
}

/**
 * Reads a file of weights for a role.
 * @param name of the file; one that ends in `.onnx` is read as ONNX.
 * @throws ModelError where it is damaged or for something else.
 */
export async function decodePart(
  bytes: Uint8Array,
  name: string,
  role: ModuleRole,
): Promise<Module | OnnxFile> {
  // Packs need none of the readers of foreign formats.
  const { decodeModel } = await import('../weights/load-checkpoint.js');
  const decoded = decodeModel(bytes, name);
  if (decoded.kind === 'perceptual')
    throw new ModelError(name, `is ${decoded.module.network.name}, which judges images`);
  if (decoded.kind === 'network') return decoded.module;
  if (role === 'fusion')
    throw new ModelError(name, 'is an ONNX file; a fusion network must be one of this package');
  return decoded.file;
}

/**
 * Makes a module of what was read, probing the contract of an ONNX file.
 * @throws ModelError where its contract is contradicted, or must be stated.
 */
export async function completePart(
  part: Module | OnnxFile,
  role: ModuleRole,
  source: ModuleSource,
  probe: (file: OnnxFile, stated: OnnxStatement) => Promise<ProbeReport>,
): Promise<PackModule> {
  if ('network' in part) {
    if (typeof source !== 'string' && source.contract !== undefined)
      throw new ModelError(source.file, `is no ONNX file, so that its ${role} has no contract`);
    return part;
  }
  const report = await probe(part, await statementOf(source));
  return defineOnnxModule(part, requireContract(report, part.name));
}

const probeJob = defineJob<typeof import('./probe-job.js').probe>(
  new URL('./probe-job.js', import.meta.url),
  'probe',
);

/** Bytes that the system counts for the stack of a thread, used or not. */
const STACK = 8 * 2 ** 20;
/** Milliseconds until a probe that is to end is killed: what it runs cannot be asked. */
const GRACE = 100;

/** How a probe is made and stopped. */
export interface ProbeCall {
  /** What is known of the contract; it is checked. */
  readonly contract?: OnnxStatement | undefined;
  /** Bytes of memory that its process may take; default 4 GiB, or less on a smaller machine. */
  readonly memory?: number | undefined;
  /** Seconds that it may take; default 600. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** An engine to use and leave open, whose memory has no limit; default: one for this call. */
  readonly engine?: Engine | undefined;
}

/**
 * Finds out in an engine process how an ONNX file wants its images. A graph says little of what
 * running it takes, and what a file of strangers takes may have no end: the process has a limit on
 * its memory, and a clock.
 * @throws ModelError where the file is damaged, cannot play the role, or contradicts its contract;
 * LimitError beyond `memory` or `timeout`.
 * @example
 * const { contract, undecided } = await probeModel('deblur.onnx', 'restorer');
 */
export async function probeModel(
  path: string,
  role: 'restorer' | 'denoiser',
  call: ProbeCall = {},
): Promise<ProbeReport> {
  const bytes = await readWeights(path);
  return probeBytes({ bytes, name: path, role, stated: call.contract ?? {} }, call);
}

/** As `probeModel`, of a file that was read. */
export async function probeBytes(
  request: ProbeRequest,
  { engine, signal, memory, timeout = PROBE_SECONDS }: Omit<ProbeCall, 'contract'> = {},
): Promise<ProbeReport> {
  const most = Math.max(MIN_PROCESS_BYTES, memory ?? Math.min(PROBE_BYTES, defaultMemory()));
  const limit = most + availableParallelism() * STACK;
  const own = engine ?? createEngine({ memory: limit, graceMs: GRACE });
  try {
    return await withTimeLimit(`probing ${request.name}`, timeout, signal, (stop) =>
      own.run(probeJob, request, { signal: stop }),
    );
  } catch (error) {
    if (engine !== undefined || !isDeath(error)) throw error;
    throw new LimitError(
      request.name,
      `probing it ended its process, which may take ${most} bytes; allow more with \`memory\``,
      { code: 'memory-limit', expected: `at most ${most} bytes`, cause: error },
    );
  } finally {
    if (engine === undefined) await own.close();
  }
}

/** Whether a process did not survive its job, as one that is refused memory may not. */
function isDeath(error: unknown): boolean {
  return error instanceof EngineError && error.code === 'process-ended';
}
