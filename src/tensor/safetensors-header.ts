import { ModelError } from '../utils/errors.js';

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

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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
