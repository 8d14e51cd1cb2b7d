import { elementTypes, type TensorPart } from './graph-types.js';
import { type Fields, onnxLimits } from './wire-format.js';

const RAW = 9;
const INT64 = 7;
const FLOAT = 4;
/** The fields of TensorProto that may hold elements. */
const dataFields = new Map<number, 0 | 4 | 8>([
  [4, 4],
  [5, 0],
  [7, 0],
  [10, 8],
  [11, 0],
]);

/**
 * Reads a TensorProto without its elements.
 * @throws ModelError where its shape is absurd, its elements are not as many as its shape needs,
 * are text, or lie in another file.
 */
export function readTensor(fields: Fields): TensorPart {
  let name = '';
  let type = 0;
  let raw: number | undefined;
  const shape: number[] = [];
  const listed: number[] = [];
  let rawStart = 0;
  let listStart = 0;
  const stored = new Map<number, number>();
  let outside = false;
  let location = '';
  while (fields.next()) {
    const width = dataFields.get(fields.number);
    if (width !== undefined) {
      const count = fields.count(width);
      stored.set(fields.number, (stored.get(fields.number) ?? 0) + count);
      if (fields.number === INT64 && listed.length + count <= onnxLimits.rank)
        fields.ints(listed, onnxLimits.rank);
      // Numbers that are listed one by one are no list of scales as anybody writes it.
      if (fields.number === FLOAT && count > 1 && stored.get(FLOAT) === count)
        listStart = fields.start;
    } else if (fields.number === 1) fields.ints(shape, onnxLimits.rank);
    else if (fields.number === 2) {
      fields.once();
      type = fields.int();
    } else if (fields.number === 8) {
      fields.once();
      name = fields.text();
    } else if (fields.number === RAW) {
      fields.once();
      raw = fields.size();
      rawStart = fields.start;
    } else if (fields.number === 6) fields.fail('holds text, which is not read');
    else if (fields.number === 3) fields.fail('is stored in segments, which are not read');
    else if (fields.number === 13) {
      outside = true;
      location = externalLocation(fields.message('the place of external data')) ?? location;
    } else if (fields.number === 14) outside = outside || fields.int() !== 0;
  }
  const called = `tensor ${JSON.stringify(name)}`;
  if (outside)
    fields.source.fail(
      `${called} lies in another file${location === '' ? '' : `, ${JSON.stringify(location)}`}: store all weights in the ONNX file itself`,
    );
  const element = elementTypes.get(type);
  if (element === undefined)
    fields.source.fail(`${called} has elements of type ${type}, which is not read`);
  const size = requireShape(fields, called, shape);
  const { bits, field, width, numbers } = element!;
  if (raw !== undefined) {
    const expected = Math.ceil((size * bits) / 8);
    if (stored.size > 0) fields.source.fail(`${called} stores its elements twice`);
    if (raw !== expected)
      fields.source.fail(
        `${called} of ${element!.name} [${shape}] needs ${expected} bytes, the file has ${raw}`,
      );
  } else {
    const expected = Math.ceil(size * numbers);
    const found = stored.get(field) ?? 0;
    if (stored.size > (stored.has(field) ? 1 : 0) || found !== expected)
      fields.source.fail(
        `${called} of ${element!.name} [${shape}] needs ${expected} numbers${width === 0 ? '' : ` of ${width} bytes`}, the file has ${found}`,
      );
  }
  const part = { name, elementType: element!.name, shape };
  if (size > onnxLimits.rank) return part;
  if (part.elementType === 'float32') {
    const start = raw === undefined ? listStart : rawStart;
    return start === 0 ? part : { ...part, floats: rawFloats(fields.source.bytes, start, size) };
  }
  if (field !== INT64) return part;
  const ints = raw === undefined ? listed : rawInts(fields.source.bytes, rawStart, size);
  return { ...part, ints };
}

function requireShape(fields: Fields, called: string, shape: readonly number[]): number {
  let size = 1;
  for (const extent of shape) {
    if (extent < 0) fields.source.fail(`${called} has the negative extent ${extent}`);
    size *= extent;
    if (extent > onnxLimits.elements || size > onnxLimits.elements)
      fields.source.fail(
        `${called} has the shape [${shape}], more than ${onnxLimits.elements} elements`,
      );
  }
  return size;
}

function rawInts(bytes: Uint8Array, start: number, count: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * 8);
  return Array.from({ length: count }, (_, index) => Number(view.getBigInt64(index * 8, true)));
}

function rawFloats(bytes: Uint8Array, start: number, count: number): number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * 4);
  return Array.from({ length: count }, (_, index) => view.getFloat32(index * 4, true));
}

function externalLocation(fields: Fields): string | undefined {
  let key = '';
  let value = '';
  while (fields.next()) {
    if (fields.number === 1) key = fields.text();
    else if (fields.number === 2) value = fields.text();
  }
  return key === 'location' ? value : undefined;
}
