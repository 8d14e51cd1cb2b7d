/**
 * Instructions of WebAssembly, as bytes, for loops that work on four single-precision numbers at a
 * time: JavaScript works on one, in double precision. Every engine rounds them alike.
 */
export type Code = readonly number[];

export type Kind = 'i32' | 'f32' | 'f64' | 'v128';

const kindCodes: Readonly<Record<Kind, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

/** A parameter or variable of a function. */
export interface Local {
  readonly kind: Kind;
  readonly get: Code;
  set(value: Code): Code;
}

/** A function over arrays in the memory of its module; it gives a double-precision number. */
export interface VectorFunction {
  readonly name: string;
  readonly parameters: readonly Local[];
  readonly variables: readonly Local[];
  readonly body: Code;
}

/** Variables of these kinds, numbered from `first` on; a function's parameters are its first ones. */
export function locals(kinds: readonly Kind[], first = 0): Local[] {
  return kinds.map((kind, place) => {
    const index = unsigned(first + place);
    return {
      kind,
      get: [0x20, ...index],
      set: (value) => [...value, 0x21, ...index],
    };
  });
}

function vector(code: number, ...operands: Code[]): Code {
  return [...operands.flat(), 0xfd, ...unsigned(code)];
}

/** Four numbers from `address` + `offset` bytes on. */
export const load = (address: Code, offset: number): Code => [
  ...address,
  ...[0xfd, 0x00, 0x04, ...unsigned(offset)],
];

export const store = (address: Code, offset: number, value: Code): Code => [
  ...address,
  ...value,
  ...[0xfd, 0x0b, 0x04, ...unsigned(offset)],
];

/** A single-precision number, four times. */
export const splat = (x: Code): Code => vector(0x13, x);
export const add = (a: Code, b: Code): Code => vector(0xe4, a, b);
export const sub = (a: Code, b: Code): Code => vector(0xe5, a, b);
export const mul = (a: Code, b: Code): Code => vector(0xe6, a, b);
export const div = (a: Code, b: Code): Code => vector(0xe7, a, b);
export const sqrt = (x: Code): Code => vector(0xe3, x);

/** Two of the four numbers in double precision: the first or the last ones. */
export function inDouble(x: Code, half: 'first' | 'last'): Code {
  const bytes = Array.from({ length: 16 }, (_, byte) => (byte + 8) % 16);
  const moved = half === 'first' ? x : [...x, ...x, 0xfd, 0x0d, ...bytes];
  return vector(0x5f, moved);
}

export const addDouble = (a: Code, b: Code): Code => vector(0xf0, a, b);
export const mulDouble = (a: Code, b: Code): Code => vector(0xf2, a, b);

/** The sum of two double-precision numbers. */
export const sumOfTwo = (x: Code): Code => [
  ...[...x, 0xfd, 0x21, 0],
  ...[...x, 0xfd, 0x21, 1],
  0xa0,
];

/** Repeats `body` for `place` = 0, 16, 32, ... below `end`, at least once. */
export function everyFour(place: Local, end: Local, body: Code): Code {
  const next = place.set([...place.get, 0x41, 16, 0x6a]);
  return [0x03, 0x40, ...body, ...next, ...place.get, ...end.get, 0x49, 0x0d, 0, 0x0b];
}

/** The bytes of a module that exports the functions and takes a memory as `host.memory`. */
export function encodeModule(functions: readonly VectorFunction[]): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameters }) => [
    0x60,
    ...list(parameters.map(({ kind }) => [kindCodes[kind]])),
    ...list([[kindCodes.f64]]),
  ]);
  const bodies = functions.map(({ variables, body }) => {
    const declared = list(variables.map(({ kind }) => [1, kindCodes[kind]]));
    const code = [...declared, ...body, 0x0b];
    return [...unsigned(code.length), ...code];
  });
  const sections: readonly (readonly [number, Code[]])[] = [
    [1, types],
    [2, [[...text('host'), ...text('memory'), 0x02, 0x00, 1]]],
    [3, functions.map((_, index) => unsigned(index))],
    [7, functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)])],
    [10, bodies],
  ];
  const encoded = sections.flatMap(([id, items]) => {
    const content = list(items);
    return [id, ...unsigned(content.length), ...content];
  });
  return Uint8Array.from([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, ...encoded]);
}

function list(items: readonly Code[]): number[] {
  return [...unsigned(items.length), ...items.flat()];
}

function text(characters: string): number[] {
  return list([...new TextEncoder().encode(characters)].map((byte) => [byte]));
}

/** A number in groups of seven bits, the lowest first (LEB128). */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    const group = rest & 0x7f;
    if (rest === group) return [...bytes, group];
    bytes.push(group | 0x80);
  }
}
