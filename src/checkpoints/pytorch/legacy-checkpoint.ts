import { ModelError } from '../../tensor/errors.js';
import { ByteReader } from './byte-reader.js';
import { readPickle } from './pickle.js';
import { StorageTable } from './storage-table.js';
import { Dictionary, List, type PickleValue } from './values.js';

const MAGIC = 0x1950a86a20f9469cfc6cn;
const PROTOCOL = 1001;

/** True where a file starts as torch.save wrote it before version 1.6. */
export function looksLegacy(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[2] === 0x8a && bytes[3] === 0x0a;
}

/**
 * Reads what torch.save wrote before version 1.6: pickles of a magic number, a protocol, the
 * machine, the object and the storage keys, then the storages, each after its length.
 * @throws ModelError where the file is cut off, damaged or big-endian, or asks for anything but
 * data.
 */
export function readLegacyCheckpoint(bytes: Uint8Array, file: string): PickleValue {
  const reader = new ByteReader(bytes, file);
  const plain = () =>
    readPickle(reader, () => {
      throw new ModelError(file, 'refers to a storage before its contents start');
    });
  if (plain() !== MAGIC) throw new ModelError(file, 'has the wrong magic number');
  const protocol = plain();
  if (protocol !== PROTOCOL) throw new ModelError(file, `its protocol is not ${PROTOCOL}`);
  const system = plain();
  if (!(system instanceof Dictionary) || system.entries.get('little_endian') !== true)
    throw new ModelError(file, 'was not written by a little-endian machine');
  const table = new StorageTable(file, () => {});
  const value = readPickle(reader, (id) => table.resolve(id));
  const keys = plain();
  if (!(keys instanceof List)) throw new ModelError(file, 'has no list of its storages');
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? table.storages.get(key) : undefined;
    if (storage === undefined || storage.filled)
      throw new ModelError(file, 'lists a storage twice or one that it does not use');
    const length = reader.uint64();
    if (length !== storage.length)
      throw new ModelError(file, `a storage of ${storage.length} elements states ${length}`);
    storage.fill(reader.take(storage.byteLength), file);
  }
  if (reader.left > 0)
    throw new ModelError(file, `has ${reader.left} bytes after its last storage`);
  return value;
}
