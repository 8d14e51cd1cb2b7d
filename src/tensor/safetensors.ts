import { ModelError, ParameterError } from '../utils/errors.js';
import { isObject } from '../utils/schema.js';
import {
  arrayTypes,
  bytesPerElement,
  type DataArray,
  type DataType,
  sizeOf,
  type Tensor,
  typedTensor,
} from './tensor.js';

/** What a safetensors file holds. */
export interface SafetensorsContent {
  readonly tensors: ReadonlyMap<string, Tensor<DataType>>;
  readonly metadata: ReadonlyMap<string, string>;
}

const typeNames = {
  float64: 'F64',
  float32: 'F32',
  float16: 'F16',
  bfloat16: 'BF16',
  int64: 'I64',
  int32: 'I32',
  int16: 'I16',
  int8: 'I8',
  uint16: 'U16',
  uint8: 'U8',
  bool: 'BOOL',
} as const satisfies Record<DataType, string>;

const dataTypes = new Map<string, DataType>(
  Object.entries(typeNames).map(([dataType, name]) => [name, dataType as DataType]),
);

const alignment = 8;

/**
 * The bytes of a safetensors file. Equal content gives equal bytes: tensors lie by element size,
 * then by name, and metadata by name.
 * @throws ParameterError where a tensor is named `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, Tensor<DataType>>,
  metadata: ReadonlyMap<string, string> = new Map(),
): Uint8Array {
  if (tensors.has('__metadata__'))
    throw new ParameterError('tensors', 'names other than the reserved one', '__metadata__');
  const ordered = [...tensors].sort(
    ([nameA, a], [nameB, b]) =>
      bytesPerElement(b.dataType) - bytesPerElement(a.dataType) || compare(nameA, nameB),
  );
  const entries: [string, unknown][] = [];
  if (metadata.size > 0)
    entries.push([
      '__metadata__',
      Object.fromEntries([...metadata].sort(([a], [b]) => compare(a, b))),
    ]);
  let end = 0;
  for (const [name, { dataType, shape, data }] of ordered) {
    const begin = end;
    end += data.byteLength;
    entries.push([name, { dtype: typeNames[dataType], shape, data_offsets: [begin, end] }]);
  }
  const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const headerLength = Math.ceil(json.length / alignment) * alignment;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8 + json.length, 8 + headerLength);
  bytes.set(json, 8);
  let position = 8 + headerLength;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position);
    position += data.byteLength;
  }
  return bytes;
}

/**
 * Reads a safetensors file. Tensors are views into `bytes` where alignment permits, copies
 * elsewhere.
 * @param name of the file, for messages.
 * @throws ModelError where the file is cut off or damaged, has holes, overlaps, names given twice,
 * or an element type that has no typed array here.
 */
export function decodeSafetensors(bytes: Uint8Array, name = 'safetensors'): SafetensorsContent {
  const { entries, metadata, dataStart } = parseHeader(bytes, name);
  const tensors = new Map<string, Tensor<DataType>>();
  let covered = 0;
  for (const entry of [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end)) {
    if (entry.begin !== covered)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)} ${entry.begin < covered ? 'overlaps its neighbour' : 'follows a hole'}: it starts at byte ${entry.begin} of the data, expected ${covered}`,
      );
    covered = entry.end;
  }
  if (dataStart + covered !== bytes.length)
    throw new ModelError(
      name,
      `expected ${dataStart + covered} bytes, received ${bytes.length}; the file is cut off or has trailing data`,
    );
  for (const entry of entries) {
    const dataType = dataTypes.get(entry.dtype);
    if (dataType === undefined)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)} has element type ${shown(entry.dtype)}; known are ${[...dataTypes.keys()].join(', ')}`,
      );
    const expected = sizeOf(entry.shape) * bytesPerElement(dataType);
    if (entry.end - entry.begin !== expected)
      throw new ModelError(
        name,
        `tensor ${shown(entry.name)}: ${entry.dtype} [${entry.shape}] takes ${expected} bytes, its offsets span ${entry.end - entry.begin}`,
      );
    const data = view(bytes, dataStart + entry.begin, expected, dataType);
    if (dataType === 'bool' && (data as Uint8Array).some((value) => value > 1))
      throw new ModelError(name, `tensor ${shown(entry.name)}: a BOOL is neither 0 nor 1`);
    tensors.set(entry.name, typedTensor(dataType, entry.shape, data));
  }
  return { tensors, metadata };
}

function view(bytes: Uint8Array, start: number, length: number, dataType: DataType): DataArray {
  const elementSize = bytesPerElement(dataType);
  const aligned = (bytes.byteOffset + start) % elementSize === 0;
  const part = bytes.subarray(start, start + length);
  const source = aligned ? part : Uint8Array.from(part);
  return new arrayTypes[dataType](
    source.buffer as ArrayBuffer,
    source.byteOffset,
    length / elementSize,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

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

/**
 * Far above the headers of the largest networks, and little enough that a hostile one takes neither
 * a second nor much memory.
 */
const maximumHeaderLength = 2 ** 23;
const mostTensors = 2 ** 16;
const mostDimensions = 32;
/** Three levels are the header, its entries and their lists; an entry has three fields. */
const limits = { depth: 3, members: 4 * mostTensors };
const longestShownName = 100;

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
  const header = Object.entries(parseObject(bytes.subarray(8, dataStart), file));
  if (header.length > mostTensors)
    throw new ModelError(file, `the header has ${header.length} entries, more than ${mostTensors}`);
  const entries: HeaderEntry[] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  for (const [name, value] of header) {
    if (name === '__metadata__') metadata = readMetadata(value, file);
    else entries.push(readEntry(name, value, file));
  }
  return { entries, metadata, dataStart };
}

function parseObject(bytes: Uint8Array, file: string): Record<string, unknown> {
  const text = decodeText(bytes, file);
  const excess = jsonExcess(text, limits);
  if (excess !== undefined)
    throw new ModelError(file, `the header exceeds the limit of ${limits[excess]} in ${excess}`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ModelError(file, 'the header is no valid JSON', { cause });
  }
  if (!isObject(value)) throw new ModelError(file, 'the header is no JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== undefined)
    throw new ModelError(file, `the header names "${shown(repeated)}" twice`);
  return value;
}

function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ModelError(file, 'the header is no valid JSON: it is no UTF-8', { cause });
  }
}

/** A name out of a file as a message may show it: short, and without control characters. */
export function shown(name: string): string {
  const short = name.length > longestShownName ? `${name.slice(0, longestShownName)}…` : name;
  return short.replace(/\p{Cc}/gu, '\ufffd');
}

function readMetadata(value: unknown, file: string): ReadonlyMap<string, string> {
  if (!isObject(value)) throw new ModelError(file, '__metadata__ is no object');
  const metadata = new Map<string, string>();
  for (const [key, text] of Object.entries(value)) {
    if (typeof text !== 'string')
      throw new ModelError(
        file,
        `__metadata__.${shown(key)}: expected a string, received ${typeof text}`,
      );
    metadata.set(key, text);
  }
  return metadata;
}

function readEntry(name: string, value: unknown, file: string): HeaderEntry {
  const fault = (what: string): ModelError =>
    new ModelError(file, `tensor ${shown(name)}: ${what}`);
  if (!isObject(value)) throw fault('its entry is no object');
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string') throw fault('dtype is missing or no string');
  if (!isCounts(shape) || !fitsMemory(shape))
    throw fault('shape is no list of sizes that fit in memory');
  if (!isCounts(offsets) || offsets.length !== 2 || offsets[1]! < offsets[0]!)
    throw fault('data_offsets are not [begin, end]');
  const extra = Object.keys(value).find((key) => !['dtype', 'shape', 'data_offsets'].includes(key));
  if (extra !== undefined) throw fault(`unknown field "${shown(extra)}"`);
  return { name, dtype, shape, begin: offsets[0]!, end: offsets[1]! };
}

/** A zero makes an absurd shape no better. */
function fitsMemory(shape: readonly number[]): boolean {
  const elements = shape.reduce((product, extent) => product * Math.max(1, extent), 8);
  return shape.length <= mostDimensions && Number.isSafeInteger(elements);
}

function isCounts(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every(
      (count: unknown) =>
        Number.isSafeInteger(count) && (count as number) >= 0 && !Object.is(count, -0),
    )
  );
}

/**
 * The first key that an object of a JSON text holds twice, at any depth; undefined where there is
 * none. JSON.parse keeps the last of them without a word.
 * @param text must have passed JSON.parse.
 */
export function repeatedKey(text: string): string | undefined {
  const scopes: Set<string>[] = [];
  let position = 0;
  while (position < text.length) {
    const character = text[position];
    if (character === '{' || character === '[') scopes.push(new Set());
    else if (character === '}' || character === ']') scopes.pop();
    else if (character === '"') {
      const end = closingQuote(text, position);
      if (isKey(text, end + 1)) {
        const written = text.slice(position + 1, end);
        const key = written.includes('\\') ? (JSON.parse(`"${written}"`) as string) : written;
        const keys = scopes.at(-1)!;
        if (keys.has(key)) return key;
        keys.add(key);
      }
      position = end;
    }
    position++;
  }
  return undefined;
}

/** What a JSON text may hold at most. */
export interface JsonLimits {
  /** Objects and lists inside each other. */
  readonly depth: number;
  /** Members of all objects together. */
  readonly members: number;
}

/**
 * Which limit a JSON text goes beyond, undefined where it keeps both. The text need not be valid:
 * this comes before JSON.parse, which takes time and memory for everything in it.
 */
export function jsonExcess(text: string, limits: JsonLimits): keyof JsonLimits | undefined {
  let depth = 0;
  let members = 0;
  for (let position = 0; position < text.length; position++) {
    const character = text.charCodeAt(position);
    if (character === QUOTE) position = closingQuote(text, position);
    else if (character === COLON) members++;
    else if (character === BRACE || character === BRACKET) depth++;
    else if (character === BRACE + 2 || character === BRACKET + 2) depth--;
    if (depth > limits.depth) return 'depth';
    if (members > limits.members) return 'members';
  }
  return undefined;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const BRACKET = 0x5b;
const BRACE = 0x7b;

function closingQuote(text: string, opening: number): number {
  let position = opening + 1;
  while (position < text.length && text[position] !== '"')
    position += text[position] === '\\' ? 2 : 1;
  return position;
}

function isKey(text: string, after: number): boolean {
  let position = after;
  while (' \t\n\r'.includes(text[position] ?? ',')) position++;
  return text[position] === ':';
}
