import { ModelError } from '../../utils/errors.js';
import { ByteReader, decodeText, quoted } from './byte-reader.js';
import { readPickle } from './pickle.js';
import { Dictionary, isCount, isGlobal, List, type PickleValue, Tuple } from './pickle-values.js';
import { Storage } from './storages.js';
import { openZip } from './zip.js';

/**
 * Reads what torch.save writes since version 1.6: a zip archive of a pickle and one entry per
 * storage.
 * @throws ModelError where the file is damaged, big-endian, a TorchScript program, or asks for
 * anything but data.
 */
export function readZipCheckpoint(bytes: Uint8Array, file: string): PickleValue {
  const archive = openZip(bytes, file);
  const roots = [...archive.names].filter((name) => /^[^/]+\/data\.pkl$/.test(name));
  const [pickle] = roots;
  if (pickle === undefined || roots.length > 1)
    throw new ModelError(
      file,
      `is a zip archive but no PyTorch checkpoint: expected one entry */data.pkl, found ${roots.length} among ${archive.names.size}`,
    );
  const folder = pickle.slice(0, -'data.pkl'.length);
  if (archive.names.has(`${folder}constants.pkl`))
    throw new ModelError(
      file,
      'is a TorchScript program, not a state dictionary; save the state_dict() of the module',
    );
  if (archive.names.has(`${folder}byteorder`)) {
    const order = decodeText(archive.read(`${folder}byteorder`), file);
    if (order !== 'little')
      throw new ModelError(file, `has byte order ${quoted(order)}, expected "little"`);
  }
  const table = new StorageTable(file, (storage) =>
    storage.fill(archive.read(`${folder}data/${storage.key}`), file),
  );
  const reader = new ByteReader(archive.read(pickle), file);
  const value = readPickle(reader, (id) => table.resolve(id));
  if (reader.left > 0) throw new ModelError(file, 'its pickle is followed by other data');
  return value;
}

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

/** The storages that the persistent ids of a pickle name. */
export class StorageTable {
  readonly storages = new Map<string, Storage>();
  readonly #file: string;
  readonly #found: (storage: Storage) => void;

  /** @param found is called once for each storage that is met. */
  constructor(file: string, found: (storage: Storage) => void) {
    this.#file = file;
    this.#found = found;
  }

  /**
   * The storage of a persistent id `('storage', type, key, location, length[, view])`.
   * @throws ModelError where it is anything else, or one key is given two types or lengths.
   */
  resolve(id: PickleValue): Storage {
    const items = id instanceof Tuple ? id.items : [];
    const [word, type, key, location, length, view = null] = items;
    if (
      (items.length !== 5 && items.length !== 6) ||
      word !== 'storage' ||
      !isGlobal(type) ||
      type.kind !== 'storage' ||
      typeof key !== 'string' ||
      typeof location !== 'string' ||
      !isCount(length)
    )
      throw new ModelError(this.#file, 'refers to something else than a storage of elements');
    if (view !== null)
      throw new ModelError(
        this.#file,
        `storage ${quoted(key)} is a part of another, as only versions before 0.4 wrote; save it again`,
      );
    const known = this.storages.get(key);
    if (known !== undefined) {
      if (known.dataType !== type.dataType || known.length !== length)
        throw new ModelError(
          this.#file,
          `storage ${quoted(key)} is ${known.length} elements of ${known.dataType} and also ${length} of ${type.dataType}`,
        );
      return known;
    }
    const storage = new Storage(key, type.dataType, length);
    this.storages.set(key, storage);
    this.#found(storage);
    return storage;
  }
}
