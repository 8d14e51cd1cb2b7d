import {
  add,
  addDouble,
  type Code,
  div,
  encodeModule,
  everyFour,
  inDouble,
  type Local,
  load,
  locals,
  mul,
  mulDouble,
  splat,
  sqrt,
  store,
  sub,
  sumOfTwo,
  type VectorFunction,
} from './wasm-code.js';

/** Entries of an array that are worked on at a time, so that all arrays stay in the first cache. */
export const CHUNK = 2048;

/** The arrays that functions work on, each of `CHUNK` entries at a fixed place of the memory. */
const ARRAYS = ['gradient', 'addend', 'parameter', 'first', 'second', 'average'] as const;

export type ArrayName = (typeof ARRAYS)[number];

/** The functions; each takes the number of bytes to work on, a multiple of 16 that is not 0. */
export interface VectorKernels {
  /** gradient += addend; gives the sum of squares of the results. */
  sum(end: number): number;
  /** The sum of squares of gradient. */
  squares(end: number): number;
  /**
   * Adam and decoupled decay: m' = beta1 m + rest1 g, v' = beta2 v + rest2 g^2,
   * p' = p - (decay p + size m' / (sqrt(v') + least)).
   * @returns 0 where all new weights and second moments are finite, otherwise NaN.
   */
  update(
    end: number,
    beta1: number,
    rest1: number,
    beta2: number,
    rest2: number,
    decay: number,
    size: number,
    least: number,
  ): number;
  /** average += rest (parameter - average); gives 0. */
  average(end: number, rest: number): number;
}

/** Where an array lies. */
function offsetOf(name: ArrayName): number {
  return 4 * CHUNK * ARRAYS.indexOf(name);
}

/** The module of all functions. */
function encodeKernels(): Uint8Array<ArrayBuffer> {
  return encodeModule([
    define('sum', 0, sum),
    define('squares', 0, squares),
    define('update', 7, update),
    define('average', 1, average),
  ]);
}

/** What the body of a function may use. */
interface Scope {
  /** Numbers that the function takes, four times each. */
  readonly numbers: readonly Code[];
  /** Variables, 0 at first. */
  readonly variables: Variables;
  read(name: ArrayName): Code;
  write(name: ArrayName, value: Local): Code;
  /** Repeats work for every four entries. */
  loop(...work: Code[]): Code;
}

type Variables = readonly [Local, Local, Local, Local, Local];

function define(
  name: keyof VectorKernels,
  count: number,
  body: (scope: Scope) => Code,
): VectorFunction {
  const parameters = locals(['i32', ...new Array<'f32'>(count).fill('f32')]);
  const [end, ...given] = parameters as [Local, ...Local[]];
  const variables = locals(['i32', ...new Array<'v128'>(count + 5).fill('v128')], 1 + count);
  const [place, ...vectors] = variables as [Local, ...Local[]];
  const numbers = vectors.slice(5);
  const scope: Scope = {
    numbers: numbers.map(({ get }) => get),
    variables: vectors.slice(0, 5) as unknown as Variables,
    read: (array) => load(place.get, offsetOf(array)),
    write: (array, value) => store(place.get, offsetOf(array), value.get),
    loop: (...work) => everyFour(place, end, work.flat()),
  };
  const spread = numbers.flatMap((number, index) => number.set(splat(given[index]!.get)));
  return { name, parameters, variables, body: [...spread, ...body(scope)] };
}

function sum({ variables: [total, low, high], read, write, loop }: Scope): Code {
  return [
    ...loop(
      total.set(add(read('gradient'), read('addend'))),
      write('gradient', total),
      addSquares(total, low, high),
    ),
    ...sumOfTwo(addDouble(low.get, high.get)),
  ];
}

function squares({ variables: [entry, low, high], read, loop }: Scope): Code {
  return [
    ...loop(entry.set(read('gradient')), addSquares(entry, low, high)),
    ...sumOfTwo(addDouble(low.get, high.get)),
  ];
}

function addSquares({ get }: Local, low: Local, high: Local): Code {
  const added = (sum: Local, wide: Code) => sum.set(addDouble(sum.get, mulDouble(wide, wide)));
  return [...added(low, inDouble(get, 'first')), ...added(high, inDouble(get, 'last'))];
}

function update({ numbers, variables: [g, m, v, p, check], read, write, loop }: Scope): Code {
  const [beta1, rest1, beta2, rest2, decay, size, least] = numbers as [
    Code,
    Code,
    Code,
    Code,
    Code,
    Code,
    Code,
  ];
  const change = div(mul(size, m.get), add(sqrt(v.get), least));
  // x - x is 0 where x is finite, otherwise NaN.
  const ofBoth = add(sub(p.get, p.get), sub(v.get, v.get));
  return [
    ...loop(
      g.set(read('gradient')),
      m.set(add(mul(beta1, read('first')), mul(rest1, g.get))),
      write('first', m),
      v.set(add(mul(beta2, read('second')), mul(mul(rest2, g.get), g.get))),
      write('second', v),
      p.set(read('parameter')),
      p.set(sub(p.get, add(mul(decay, p.get), change))),
      write('parameter', p),
      check.set(add(check.get, ofBoth)),
    ),
    ...sumOfTwo(addDouble(inDouble(check.get, 'first'), inDouble(check.get, 'last'))),
  ];
}

function average({ numbers, variables: [old, nothing], read, write, loop }: Scope): Code {
  const [rest] = numbers as [Code];
  return [
    ...loop(
      old.set(read('average')),
      old.set(add(old.get, mul(rest, sub(read('parameter'), old.get)))),
      write('average', old),
    ),
    ...sumOfTwo(nothing.get),
  ];
}

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
