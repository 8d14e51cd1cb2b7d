import { ModelError } from './errors.js';
import { repeatedKey } from './json-keys.js';

/** One tensor as the header describes it; offsets count from the start of the data. */
export interface HeaderEntry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly entries: readonly HeaderEntry[];
  readonly metadata: ReadonlyMap<string, string>;
  /** Position of the first byte of data in the file. */
  readonly dataStart: number;
}

/** The bound of the reference implementation. */
const maximumHeaderLength = 100_000_000;

/**
 * Reads and checks the JSON header of a safetensors file.
 * @throws ModelError naming the file and what is wrong.
 */
export function parseHeader(bytes: Uint8Array, file: string): Header {
  if (bytes.length < 8)
    throw new ModelError(file, `expected at least 8 bytes, received ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maximumHeaderLength))
    throw new ModelError(
      file,
      `the header claims ${length} bytes, more than ${maximumHeaderLength}; this is no safetensors file`,
    );
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length)
    throw new ModelError(
      file,
      `the header claims ${length} bytes, the file has ${bytes.length - 8} left; it is cut off`,
    );
  const header = parseObject(bytes.subarray(8, dataStart), file);
  const entries: HeaderEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = readMetadata(value, file);
    else entries.push(readEntry(name, value, file));
  }
  return { entries, metadata, dataStart };
}

function parseObject(bytes: Uint8Array, file: string): Record<string, unknown> {
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(file, 'the header is no valid JSON', { cause });
  }
  if (!isObject(value)) throw new ModelError(file, 'the header is no JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw new ModelError(file, `the header names ${JSON.stringify(repeated)} twice`);
  return value;
}

function readMetadata(value: unknown, file: string): ReadonlyMap<string, string> {
  if (!isObject(value)) throw new ModelError(file, '__metadata__ is no object');
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new ModelError(file, `__metadata__.${key}: expected a string, received ${typeof text}`);
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: unknown, file: string): HeaderEntry {
  if (!isObject(value)) throw new ModelError(file, `tensor ${name}: its entry is no object`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string')
    throw new ModelError(file, `tensor ${name}: dtype is missing or no string`);
  if (!isCounts(shape) || !Number.isSafeInteger(shape.reduce((a, b) => a * b, 8)))
    throw new ModelError(file, `tensor ${name}: shape is no list of sizes that fit in memory`);
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!)
    throw new ModelError(file, `tensor ${name}: data_offsets are not [begin, end]`);
  const extra = Object.keys(value).find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (extra !== undefined)
    throw new ModelError(file, `tensor ${name}: unknown field ${JSON.stringify(extra)}`);
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

function isCounts(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((count: unknown) => Number.isSafeInteger(count) && (count as number) >= 0)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
