import {
  ARRAYS,
  type ArrayName,
  CHUNK,
  encodeKernels,
  offsetOf,
  type VectorKernels,
} from './vector-kernels.js';

/** What is used here of WebAssembly, which Node and browsers have and Node's types lack. */
interface Host {
  readonly Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer };
  readonly Module: new (bytes: Uint8Array<ArrayBuffer>) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
}

const { Memory, Module, Instance } = (globalThis as unknown as { WebAssembly: Host }).WebAssembly;
const memory = new Memory({ initial: 1 });
const imports = { host: { memory } };
const kernels = new Instance(new Module(encodeKernels()), imports).exports as VectorKernels;

const views = Object.fromEntries(
  ARRAYS.map((name) => [name, new Float32Array(memory.buffer, offsetOf(name), CHUNK)]),
) as Record<ArrayName, Float32Array>;

/** What an Adam update multiplies by. */
export interface AdamNumbers {
  readonly beta1: number;
  /** Of the gradient in the first moment. */
  readonly rest1: number;
  readonly beta2: number;
  /** Of the squared gradient in the second moment. */
  readonly rest2: number;
  readonly decay: number;
  readonly size: number;
  readonly least: number;
}

/** What an update of one parameter changes. */
export interface ParameterState {
  readonly parameter: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  readonly average?: Float32Array | undefined;
}

/**
 * Writes one + other in single precision; `sum` may be one of them.
 * @returns the sum of squares of that, which is finite where it is.
 */
export function writeSum(one: Float32Array, other: Float32Array, sum: Float32Array): number {
  let squares = 0;
  forEachChunk(sum.length, (start, count, end) => {
    bring('gradient', one, start, count);
    bring('addend', other, start, count);
    squares += kernels.sum(end);
    take('gradient', sum, start, count);
  });
  return squares;
}

/** The sum of squares, added in the order of `writeSum`. */
export function sumOfSquares(values: Float32Array): number {
  let squares = 0;
  forEachChunk(values.length, (start, count, end) => {
    bring('gradient', values, start, count);
    squares += kernels.squares(end);
  });
  return squares;
}

/**
 * m' = beta1 m + rest1 g, v' = beta2 v + rest2 g^2, p' = p - (decay p + size m' / (sqrt(v') + least)),
 * and the average moved by `averageRest` of its distance to p', in place, in single precision.
 * @returns whether all new weights and second moments are finite.
 */
export function moveByAdam(
  { parameter, first, second, average }: ParameterState,
  gradient: Float32Array,
  { beta1, rest1, beta2, rest2, decay, size, least }: AdamNumbers,
  averageRest: number,
): boolean {
  let check = 0;
  forEachChunk(gradient.length, (start, count, end) => {
    bring('gradient', gradient, start, count);
    bring('parameter', parameter, start, count);
    bring('first', first, start, count);
    // Behind the last entry stands what has a root: 0 / 0 would be taken for a failure.
    bring('second', second, start, count, 1);
    check += kernels.update(end, beta1, rest1, beta2, rest2, decay, size, least);
    if (average !== undefined) {
      bring('average', average, start, count);
      kernels.average(end, averageRest);
      take('average', average, start, count);
    }
    take('parameter', parameter, start, count);
    take('first', first, start, count);
    take('second', second, start, count);
  });
  return check === 0;
}

/** Calls `work` for each part of arrays of a length, with the bytes of whole vectors that it takes. */
function forEachChunk(
  length: number,
  work: (start: number, count: number, end: number) => void,
): void {
  for (let start = 0; start < length; start += CHUNK) {
    const count = Math.min(CHUNK, length - start);
    work(start, count, 16 * Math.ceil(count / 4));
  }
}

function bring(
  name: ArrayName,
  array: Float32Array,
  start: number,
  count: number,
  filler = 0,
): void {
  const view = views[name];
  view.set(array.subarray(start, start + count));
  if (count % 4 > 0) view.fill(filler, count, 4 * Math.ceil(count / 4));
}

function take(name: ArrayName, array: Float32Array, start: number, count: number): void {
  const view = views[name];
  array.set(count === CHUNK ? view : view.subarray(0, count), start);
}
