import { appendDirectory } from './writers/tiff-directory.js';
import { longs, offsets, shorts, type TiffEntry, tiffTypes } from './writers/tiff-entries.js';

/** What is known of how a picture was taken. */
export interface Exposure {
  readonly make?: string | undefined;
  readonly model?: string | undefined;
  readonly exposureSeconds?: number | undefined;
  /** The f-number. */
  readonly aperture?: number | undefined;
  readonly iso?: number | undefined;
}

const rational = 5;
const finest = 10_000;

/** An EXIF block, without its prefix, that says so; `undefined` where nothing is known. */
export async function exifBlock(exposure: Exposure): Promise<Uint8Array | undefined> {
  const { make, model, exposureSeconds, aperture, iso } = exposure;
  const first = [...text(0x010f, make), ...text(0x0110, model)];
  const inner = [
    ...ratio(0x829a, exposureSeconds),
    ...ratio(0x829d, aperture),
    ...(iso === undefined ? [] : [shorts(0x8827, Math.min(65535, Math.round(iso)))]),
  ];
  if (first.length + inner.length === 0) return undefined;
  const parts: Uint8Array[] = [];
  const sink = {
    length: 0,
    append: async (part: Uint8Array) => {
      parts.push(part);
      sink.length += part.length;
    },
  };
  const head = Buffer.from('II*\0\0\0\0\0', 'latin1');
  await sink.append(head);
  if (inner.length > 0)
    first.push(offsets(0x8769, [await appendDirectory(sink, inner, false)], false));
  head.writeUInt32LE(await appendDirectory(sink, first, false), 4);
  return Buffer.concat(parts);
}

function text(tag: number, value: string | undefined): TiffEntry[] {
  if (value === undefined) return [];
  const bytes = Buffer.from(`${value}\0`, 'latin1');
  return [{ tag, type: tiffTypes.ascii, count: bytes.length, value: bytes }];
}

/** As one over a whole number, as cameras put it, or in ten thousandths. */
function ratio(tag: number, value: number | undefined): TiffEntry[] {
  if (value === undefined || !(value > 0 && value < 2 ** 31 / finest)) return [];
  const inverse = Math.round(1 / value);
  const isInverse = inverse > 1 && Math.abs(value * inverse - 1) < 1e-3;
  const [over, under] = isInverse ? [1, inverse] : [Math.round(value * finest), finest];
  const { value: bytes } = longs(tag, over, under);
  return [{ tag, type: rational, count: 1, value: bytes }];
}
