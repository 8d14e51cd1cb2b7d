/** One entry of a directory: where its values lie. */
export interface TiffEntry {
  readonly tag: number;
  readonly type: number;
  readonly count: number;
  /** Byte offset of the first value. */
  readonly at: number;
}

export type TiffDirectory = ReadonlyMap<number, TiffEntry>;

/** A TIFF file whose directories have been found. */
export interface TiffFile {
  readonly view: DataView;
  readonly littleEndian: boolean;
  /** The chain of the first directory and everything below it. */
  readonly directories: readonly TiffDirectory[];
}

/** The structure points outside the file. */
export class TiffDamage extends Error {}

const subDirectories = 330;
const largestCount = 256;
const largestValues = 2 ** 20;
const typeSizes = [0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4];

/**
 * The directories of a classic TIFF file, each once, so that loops end.
 * @param tag that the first directory has to have.
 * @returns `undefined` where the bytes are no such file.
 * @throws TiffDamage where a directory or the values of a link lie outside the file.
 */
export function readDirectories(bytes: Uint8Array, tag: number): TiffFile | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.byteLength < 8) return undefined;
  const order = view.getUint16(0);
  const littleEndian = order === 0x4949;
  if ((!littleEndian && order !== 0x4d4d) || view.getUint16(2, littleEndian) !== 42)
    return undefined;
  const directories: TiffDirectory[] = [];
  const file = { view, littleEndian, directories };
  const seen = new Set<number>();
  const open = [view.getUint32(4, littleEndian)];
  while (open.length > 0) {
    const offset = open.shift()!;
    if (offset === 0 || seen.has(offset)) continue;
    if (seen.size === largestCount) throw new TiffDamage('it has too many directories');
    seen.add(offset);
    const { directory, next } = readDirectory(view, offset, littleEndian);
    if (directories.length === 0 && !directory.has(tag)) return undefined;
    directories.push(directory);
    if ((directory.get(subDirectories)?.count ?? 0) > largestCount)
      throw new TiffDamage('it has too many directories');
    open.push(...valuesOf(file, directory, subDirectories), next);
  }
  return file;
}

/**
 * The whole numbers of an entry of type BYTE, SHORT or LONG; none where it is missing or of
 * another type.
 * @throws TiffDamage where they lie outside the file.
 */
export function valuesOf(
  { view, littleEndian }: Pick<TiffFile, 'view' | 'littleEndian'>,
  directory: TiffDirectory,
  tag: number,
): number[] {
  const entry = directory.get(tag);
  const size = entry && wholeSize(entry.type);
  if (entry === undefined || size === undefined) return [];
  if (entry.count > largestValues || entry.at + size * entry.count > view.byteLength)
    throw new TiffDamage(`the values of its tag ${tag} lie beyond the end of the file`);
  return Array.from({ length: entry.count }, (_, index) => {
    const at = entry.at + size * index;
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getUint16(at, littleEndian) : view.getUint32(at, littleEndian);
  });
}

function readDirectory(view: DataView, offset: number, littleEndian: boolean) {
  const count = offset + 2 > view.byteLength ? 0 : view.getUint16(offset, littleEndian);
  const end = offset + 2 + 12 * count;
  if (count === 0 || end > view.byteLength)
    throw new TiffDamage('a directory lies beyond the end of the file');
  const directory = new Map<number, TiffEntry>();
  for (let index = 0; index < count; index++) {
    const at = offset + 2 + 12 * index;
    const type = view.getUint16(at + 2, littleEndian);
    const values = view.getUint32(at + 4, littleEndian);
    const inline = (typeSizes[type] ?? 0) * values <= 4;
    directory.set(view.getUint16(at, littleEndian), {
      tag: view.getUint16(at, littleEndian),
      type,
      count: values,
      at: inline ? at + 8 : view.getUint32(at + 8, littleEndian),
    });
  }
  // The last directory of a file may end without the link to a next one.
  return { directory, next: end + 4 <= view.byteLength ? view.getUint32(end, littleEndian) : 0 };
}

/** Bytes of a whole number of a type: BYTE, SHORT, LONG or IFD. */
function wholeSize(type: number): number | undefined {
  return { 1: 1, 3: 2, 4: 4, 13: 4 }[type];
}
