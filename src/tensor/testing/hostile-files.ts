import { integerAt } from '../random.js';

/** Where the changes of a mutated file come from. */
export interface Mutation {
  readonly seed: number;
  /** The number of the case: alone, with the seed, it decides what is changed. */
  readonly stream: number;
  /** Bytes that mean something in the format. */
  readonly interesting: readonly number[];
}

/** One to four changes of the bytes: bits, runs, copies, cuts and repeats. */
export function mutated(bytes: Uint8Array, { seed, stream, interesting }: Mutation): Uint8Array {
  let index = 0;
  const below = (bound: number) => integerAt(seed, stream, index++, bound);
  let result = Uint8Array.from(bytes);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(result.length);
    const length = 1 + below(12);
    const from = below(result.length);
    switch (below(6)) {
      case 0:
        result[at]! ^= 1 << below(8);
        break;
      case 1:
        result[at] = interesting[below(interesting.length)]!;
        break;
      case 2:
        result.fill(interesting[below(interesting.length)]!, at, at + length);
        break;
      case 3:
        result.copyWithin(at, from, from + length);
        break;
      case 4:
        result = joined(result.subarray(0, at), result.subarray(at + length));
        break;
      default:
        result = joined(
          result.subarray(0, at),
          result.subarray(from, from + length),
          result.subarray(at),
        );
    }
    if (result.length === 0) break;
  }
  return result;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The bytes of a safetensors file with a header of any content, true to its length or not. */
export function safetensorsFile(
  header: unknown,
  data: Uint8Array = new Uint8Array(0),
  length?: bigint,
): Uint8Array {
  const json =
    header instanceof Uint8Array
      ? header
      : new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

/**
 * Milliseconds of processor time that `work` takes: unlike the time on the clock, they do not grow
 * with what else the machine does.
 */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
