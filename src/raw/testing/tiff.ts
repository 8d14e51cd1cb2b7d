const typeCodes = {
  byte: 1,
  ascii: 2,
  short: 3,
  long: 4,
  rational: 5,
  undefined: 7,
  srational: 10,
} as const;
const typeSizes = {
  byte: 1,
  ascii: 1,
  short: 2,
  long: 4,
  rational: 8,
  undefined: 1,
  srational: 8,
} as const;
const denominator = 10_000;

/** One entry of a directory; `blobs` become the offsets of their bytes, `directories` their own. */
export interface DngEntry {
  readonly tag: number;
  readonly type: keyof typeof typeCodes;
  readonly values?: readonly number[];
  readonly blobs?: readonly Uint8Array[];
  readonly directories?: readonly (readonly DngEntry[])[];
}

/** An ASCII entry with its closing zero. */
export function text(tag: number, value: string): DngEntry {
  return { tag, type: 'ascii', values: [...Buffer.from(`${value}\0`, 'latin1')] };
}

/**
 * A little-endian TIFF file: header, directories with their values, then the blobs. Directories
 * given together follow one another. Rationals are written in ten-thousandths.
 */
export function tiffFile(directories: readonly (readonly DngEntry[])[]): Uint8Array {
  const blobs: Uint8Array[] = [];
  const head = write(directories, 0, []);
  const start = head.length;
  return Buffer.concat([write(directories, start, blobs), ...blobs]);
}

function write(
  directories: readonly (readonly DngEntry[])[],
  blobStart: number,
  blobs: Uint8Array[],
): Buffer {
  const chunks: Buffer[] = [Buffer.from([0x49, 0x49, 42, 0, 0, 0, 0, 0])];
  let length = 8;
  let blobOffset = blobStart;
  const append = (bytes: Buffer): number => {
    const at = length;
    const padded = bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
    chunks.push(padded);
    length += padded.length;
    return at;
  };
  const chain = (list: readonly (readonly DngEntry[])[]): number[] => {
    const offsets: number[] = [];
    let next = 0;
    for (const entries of [...list].reverse()) {
      next = directory(entries, next);
      offsets.unshift(next);
    }
    return offsets;
  };
  const directory = (entries: readonly DngEntry[], next: number): number => {
    const table = Buffer.alloc(2 + 12 * entries.length + 4);
    table.writeUInt16LE(entries.length);
    [...entries]
      .sort((a, b) => a.tag - b.tag)
      .forEach((entry, index) => {
        const values = valuesOf(entry);
        const bytes = encode(entry.type, values);
        const at = 2 + 12 * index;
        table.writeUInt16LE(entry.tag, at);
        table.writeUInt16LE(typeCodes[entry.type], at + 2);
        table.writeUInt32LE(values.length, at + 4);
        if (bytes.length <= 4) bytes.copy(table, at + 8);
        else table.writeUInt32LE(append(bytes), at + 8);
      });
    table.writeUInt32LE(next, table.length - 4);
    return append(table);
  };
  const valuesOf = (entry: DngEntry): readonly number[] => {
    if (entry.directories !== undefined) return entry.directories.flatMap((one) => chain([one]));
    if (entry.blobs === undefined) return entry.values ?? [];
    return entry.blobs.map((blob) => {
      const at = blobOffset;
      blobs.push(blob);
      blobOffset += blob.length;
      return at;
    });
  };
  const first = chain(directories)[0] ?? 0;
  chunks[0]!.writeUInt32LE(first, 4);
  return Buffer.concat(chunks);
}

function encode(type: DngEntry['type'], values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * typeSizes[type]);
  values.forEach((value, index) => {
    const at = index * typeSizes[type];
    if (type === 'short') bytes.writeUInt16LE(value, at);
    else if (type === 'long') bytes.writeUInt32LE(value, at);
    else if (type === 'rational' || type === 'srational') {
      bytes.writeInt32LE(Math.round(value * denominator), at);
      bytes.writeInt32LE(denominator, at + 4);
    } else bytes.writeUInt8(value, at);
  });
  return bytes;
}
