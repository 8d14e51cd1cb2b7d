import { readFileSync } from 'node:fs';
import { crc32, openZip } from '../zip.js';

/** A checkpoint of the conformance cases, by its name without extension. */
export function goodFile(name: string): Uint8Array {
  return readFileSync(new URL(`../../../../conformance/checkpoints/${name}.pth`, import.meta.url));
}

/** What an entry states of itself, where that is not the truth. */
export interface ZipLies {
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly packedSize?: number;
  readonly headerAt?: number;
  readonly localName?: string;
  readonly checksum?: number;
}

function uint16(value: number): string {
  return uint32(value).slice(0, 2);
}

const latin1 = (bytes: Uint8Array) =>
  Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');

/** A zip archive of stored entries, with lies about some of them. */
export function writeZip(
  entries: readonly (readonly [name: string, content: Uint8Array])[],
  lies: Readonly<Record<string, ZipLies>> = {},
): Uint8Array {
  let body = '';
  let directory = '';
  for (const [name, content] of entries) {
    const lie = lies[name] ?? {};
    const checksum = uint32(lie.checksum ?? crc32(content));
    const sizes =
      uint32(lie.packedSize ?? lie.size ?? content.length) + uint32(lie.size ?? content.length);
    const common = `\x14\0${uint16(lie.flags ?? 0)}${uint16(lie.method ?? 0)}\0\0\0\0${checksum}${sizes}`;
    const at = lie.headerAt ?? body.length;
    const local = lie.localName ?? name;
    body += `PK\x03\x04${common}${uint16(local.length)}\0\0${local}${latin1(content)}`;
    directory += `PK\x01\x02\x14\0${common}${uint16(name.length)}${'\0'.repeat(12)}${uint32(at)}${name}`;
  }
  const count = uint16(entries.length);
  return bytesOf(
    `${body}${directory}PK\x05\x06\0\0\0\0${count}${count}${uint32(directory.length)}${uint32(body.length)}\0\0`,
  );
}

const eight = new Uint8Array(Float32Array.from([0, 1, 2, 3, 4, 5, 6, 7]).buffer);

/** A zip checkpoint around a pickle, with a storage '0' of the floats 0 to 7. */
export function zipFile(
  body: string,
  more: Readonly<Record<string, Uint8Array>> = {},
  lies: Readonly<Record<string, ZipLies>> = {},
): Uint8Array {
  const entries = new Map([
    ['x/data.pkl', bytesOf(body)],
    ['x/data/0', eight],
    ['x/version', bytesOf('3\n')],
    ...Object.entries(more),
  ]);
  return writeZip([...entries], lies);
}

/** The entries of a good archive with its pickle replaced and all checksums right. */
export function withPickle(name: string, content: (pickle: Uint8Array) => Uint8Array): Uint8Array {
  const archive = openZip(goodFile(name), name);
  return writeZip(
    [...archive.names].map((entry) => {
      const bytes = archive.read(entry);
      return [entry, entry.endsWith('/data.pkl') ? content(bytes) : bytes] as const;
    }),
  );
}

export interface LegacyParts {
  readonly magic?: string;
  readonly protocol?: number;
  readonly littleEndian?: string;
  readonly keys?: string;
  readonly storages?: string;
}

/** A legacy checkpoint around a pickle, with a storage '0' of the floats 0 to 7. */
export function legacyFile(body: string, parts: LegacyParts = {}): Uint8Array {
  const {
    magic = '\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19',
    protocol = 1001,
    littleEndian = '\x88',
    keys = `](${text('0')}e`,
    storages = uint64(8n) + latin1(eight),
  } = parts;
  const system = dictionary({ protocol_version: int(protocol), little_endian: littleEndian });
  return bytesOf(
    pickle(magic) + pickle(int(protocol)) + pickle(system) + body + pickle(keys) + storages,
  );
}

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
