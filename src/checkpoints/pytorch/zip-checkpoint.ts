import { ModelError } from '../../tensor/errors.js';
import { ByteReader, decodeText, quoted } from './byte-reader.js';
import { readPickle } from './pickle.js';
import { StorageTable } from './storage-table.js';
import type { PickleValue } from './values.js';
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
