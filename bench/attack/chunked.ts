import { crc32, deflateSync, inflateSync } from 'node:zlib';

/** Makes other bytes of bytes. */
export type Change = (bytes: Uint8Array) => Uint8Array;

/** Draws a number from 0 to below a bound. */
export type Draw = (bound: number) => number;

const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** A PNG file with one of its chunks, or its packed samples, changed; lengths and sums are right. */
export function changedPng(png: Uint8Array, draw: Draw, change: Change): Uint8Array {
  const file = Buffer.from(png);
  const chunks: { type: string; content: Uint8Array }[] = [];
  for (let at = 8; at + 12 <= file.length; ) {
    const length = file.readUInt32BE(at);
    const type = latin1(file.subarray(at + 4, at + 8));
    chunks.push({ type, content: file.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  const isData = ({ type }: { type: string }): boolean => type === 'IDAT';
  const chosen = chunks[draw(chunks.length)]!;
  if (isData(chosen)) {
    const packed = Buffer.concat(chunks.filter(isData).map(({ content }) => content));
    chosen.content = deflateSync(change(inflateSync(packed)));
    for (const chunk of chunks)
      if (isData(chunk) && chunk !== chosen) chunk.content = new Uint8Array();
  } else chosen.content = change(chosen.content);
  const parts = chunks.map(({ type, content }) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(content.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  });
  return Buffer.concat([file.subarray(0, 8), ...parts]);
}

/** A RIFF file with the content of one of its chunks changed; lengths are right. */
export function changedRiff(riff: Uint8Array, draw: Draw, change: Change): Uint8Array {
  const file = Buffer.from(riff);
  const chunks: { head: Buffer; content: Uint8Array }[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const length = file.readUInt32LE(at + 4);
    const content = file.subarray(at + 8, at + 8 + length);
    chunks.push({ head: file.subarray(at, at + 4), content });
    at += 8 + length + (length & 1);
  }
  const chosen = chunks[draw(chunks.length)];
  if (chosen !== undefined) chosen.content = change(chosen.content);
  const parts = chunks.map(({ head, content }) => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(content.length);
    return Buffer.concat([head, length, content, Buffer.alloc(content.length & 1)]);
  });
  const body = Buffer.concat([file.subarray(8, 12), ...parts]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([file.subarray(0, 4), length, body]);
}

/** A JPEG file with one segment or coded data changed; lengths are right. */
export function changedJpeg(jpeg: Uint8Array, draw: Draw, change: Change): Uint8Array {
  const file = Buffer.from(jpeg);
  const parts: { head: Buffer; content: Uint8Array; isSegment: boolean }[] = [];
  let at = 2;
  while (at + 4 <= file.length && file[at] === 0xff) {
    const length = file.readUInt16BE(at + 2);
    const content = file.subarray(at + 4, at + 2 + length);
    parts.push({ head: file.subarray(at, at + 2), content, isSegment: true });
    const isScan = file[at + 1] === 0xda;
    at += 2 + length;
    if (isScan) break;
  }
  parts.push({ head: Buffer.alloc(0), content: file.subarray(at), isSegment: false });
  const chosen = parts[draw(parts.length)]!;
  chosen.content = change(chosen.content);
  const written = parts.map(({ head, content, isSegment }) => {
    if (!isSegment) return content;
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Math.min(65535, content.length + 2));
    return Buffer.concat([head, length, content.subarray(0, 65533)]);
  });
  return Buffer.concat([file.subarray(0, 2), ...written]);
}

/** A file whose first bytes stay, so that its form is still recognised. */
export function changedBehind(bytes: Uint8Array, kept: number, change: Change): Uint8Array {
  return Buffer.concat([bytes.subarray(0, kept), change(bytes.subarray(kept))]);
}

const values: readonly unknown[] = [
  ...[null, true, 0, -1, 0.5, 2 ** 31, 2 ** 53, 1e308, -1e-308, '', 'x', '../x', '__proto__'],
  ...[[], {}, [1, 2], { a: 1 }, 'F32', 'I64', 'x'.repeat(1000)],
];

/** JSON with one to three of its entries replaced, left out or moved to another name. */
export function changedJson(json: Uint8Array, draw: Draw): Uint8Array {
  const content: unknown = JSON.parse(Buffer.from(json).toString('utf8'));
  for (let changes = 1 + draw(3); changes > 0; changes -= 1) changeEntry(content, draw);
  return Buffer.from(JSON.stringify(content));
}

function changeEntry(content: unknown, draw: Draw): void {
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      places.push([value as Record<string, unknown>, key]);
      visit(inner);
    }
  };
  visit(content);
  if (places.length === 0) return;
  const [owner, key] = places[draw(places.length)]!;
  const [other, otherKey] = places[draw(places.length)]!;
  const way = draw(4);
  if (way === 0) delete owner[key];
  else if (way === 1) owner[key] = structuredClone(other[otherKey]);
  else if (way === 2 && !Array.isArray(owner)) owner[`${key}.`] = owner[key];
  else owner[key] = structuredClone(values[draw(values.length)]);
}
