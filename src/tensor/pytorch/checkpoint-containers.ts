import { ModelError } from '../../utils/errors.js';
import { ByteReader, type Fail, type FileErrorType, quoted } from './byte-reader.js';
import { readPickle } from './pickle.js';
import {
  Dictionary,
  isCount,
  isGlobal,
  List,
  type PickleValue,
  Tuple,
  tensorGlobals,
} from './pickle-values.js';
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
    const written = new ByteReader(archive.read(`${folder}byteorder`), file);
    const order = written.text(written.left);
    if (order !== 'little')
      throw new ModelError(file, `has byte order ${quoted(order)}, expected "little"`);
  }
  const reader = new ByteReader(archive.read(pickle), file);
  const table = new StorageTable(reader.error, (storage) =>
    storage.fill(archive.read(`${folder}data/${storage.key}`), reader.error),
  );
  const resolve = (id: PickleValue) => table.resolve(id);
  const value = readPickle(reader, { globals: tensorGlobals, resolve });
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
 * @param errorType what is thrown where the file is cut off, damaged or big-endian, or asks for
 * anything but data.
 */
export function readLegacyCheckpoint(
  bytes: Uint8Array,
  file: string,
  errorType: FileErrorType = ModelError,
): PickleValue {
  const reader = new ByteReader(bytes, file, errorType);
  const plain = () => readPickle(reader, { globals: tensorGlobals });
  if (plain() !== MAGIC) throw reader.error('has the wrong magic number');
  const protocol = plain();
  if (protocol !== PROTOCOL) throw reader.error(`its protocol is not ${PROTOCOL}`);
  const system = plain();
  if (!(system instanceof Dictionary) || system.entries.get('little_endian') !== true)
    throw reader.error('was not written by a little-endian machine');
  const table = new StorageTable(reader.error, () => {});
  const resolve = (id: PickleValue) => table.resolve(id);
  const value = readPickle(reader, { globals: tensorGlobals, resolve });
  const keys = plain();
  if (!(keys instanceof List)) throw reader.error('has no list of its storages');
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? table.storages.get(key) : undefined;
    if (storage === undefined || storage.filled)
      throw reader.error('lists a storage twice or one that it does not use');
    const length = reader.uint64();
    if (length !== storage.length)
      throw reader.error(`a storage of ${storage.length} elements states ${length}`);
    storage.fill(reader.take(storage.byteLength), reader.error);
  }
  if (reader.left > 0) throw reader.error(`has ${reader.left} bytes after its last storage`);
  return value;
}

/** The storages that the persistent ids of a pickle name. */
class StorageTable {
  readonly storages = new Map<string, Storage>();
  readonly #fail: Fail;
  readonly #found: (storage: Storage) => void;

  /** @param found is called once for each storage that is met. */
  constructor(fail: Fail, found: (storage: Storage) => void) {
    this.#fail = fail;
    this.#found = found;
  }

  /**
   * The storage of a persistent id `('storage', type, key, location, length[, view])`.
   * Throws where it is anything else, or one key is given two types or lengths.
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
      throw this.#fail('refers to something else than a storage of elements');
    if (view !== null)
      throw this.#fail(
        `storage ${quoted(key)} is a part of another, as only versions before 0.4 wrote; save it again`,
      );
    const known = this.storages.get(key);
    if (known !== undefined) {
      if (known.dataType !== type.dataType || known.length !== length)
        throw this.#fail(
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
