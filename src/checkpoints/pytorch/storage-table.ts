import { ModelError } from '../../tensor/errors.js';
import { quoted } from './byte-reader.js';
import { Storage } from './storages.js';
import { isCount, isGlobal, type PickleValue, Tuple } from './values.js';

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
