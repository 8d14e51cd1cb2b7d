/** Pickles are written as strings of one byte per character. */
export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function uint32(value: number): string {
  return String.fromCharCode(...[0, 8, 16, 24].map((shift) => (value >>> shift) & 255));
}

export function uint64(value: bigint): string {
  return uint32(Number(value & 0xffffffffn)) + uint32(Number(value >> 32n));
}

export function text(value: string): string {
  return `X${uint32(value.length)}${value}`;
}

/** An integer of any size up to 64 bits. */
export function int(value: number | bigint): string {
  return `\x8a\x08${uint64(BigInt.asUintN(64, BigInt(value)))}`;
}

export function named(module: string, name: string): string {
  return `c${module}\n${name}\n`;
}

export function tuple(...items: readonly string[]): string {
  return `(${items.join('')}t`;
}

/** @param entries keys as text, values as pickled. */
export function dictionary(entries: Readonly<Record<string, string>>): string {
  const items = Object.entries(entries).map(([key, value]) => text(key) + value);
  return `}(${items.join('')}u`;
}

export function pickle(body: string, protocol = 2): string {
  return `\x80${String.fromCharCode(protocol)}${body}.`;
}

export interface TensorFields {
  readonly type?: string;
  readonly key?: string;
  readonly length?: number | bigint;
  readonly offset?: number | bigint;
  readonly shape?: readonly (number | bigint)[];
  readonly strides?: readonly (number | bigint)[];
}

export const orderedDictionary = `${named('collections', 'OrderedDict')})R`;

export function storage({ type = 'FloatStorage', key = '0', length = 8 }: TensorFields): string {
  return `${tuple(text('storage'), named('torch', type), text(key), text('cpu'), int(length))}Q`;
}

/** A tensor as PyTorch pickles it; by default all of a storage of 8 floats. */
export function tensorOf(fields: TensorFields = {}): string {
  const { offset = 0, shape = [8], strides = [1] } = fields;
  const sizes = tuple(...shape.map(int));
  const steps = tuple(...strides.map(int));
  return `${named('torch._utils', '_rebuild_tensor_v2')}${tuple(storage(fields), int(offset), sizes, steps, '\x89', orderedDictionary)}R`;
}
