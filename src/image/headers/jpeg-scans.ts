import type { ByteReader } from './byte-reader.js';

const [SOI, EOI, SOS, STUFFED, FILL] = [0xd8, 0xd9, 0xda, 0x00, 0xff];
/** Bytes that are looked through at a time. */
const CHUNK = 2 ** 20;

/**
 * Scans of a JPEG file, as far as its decoder would go through them: each costs as much as a pass
 * over all pixels, while it may take no more than a few bytes of the file.
 * @param most where counting stops.
 */
export async function countScans(read: ByteReader, most: number): Promise<number> {
  let scans = 0;
  let at = 0;
  let components = 0;
  let isProgressive = false;
  while (scans < most) {
    const marker = await nextMarker(read, at);
    if (marker === undefined || marker.code === EOI) break;
    at = marker.at + 2;
    if (marker.code === SOI) continue;
    const head = await read(at, 8);
    const length = head.length < 2 ? 0 : (head[0]! << 8) | head[1]!;
    if (length < 2) break;
    if (isFrame(marker.code)) {
      components = head[7] ?? 0;
      isProgressive = marker.code % 4 === 2;
    } else if (marker.code === SOS) {
      scans += 1;
      // A decoder is done with the first scan of all components.
      if (!isProgressive && head[2] === components) break;
    }
    at += length;
  }
  return scans;
}

/** Frames of DCT coding, which decoders read: baseline, extended and progressive. */
function isFrame(code: number): boolean {
  return code >= 0xc0 && code <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(code);
}

/** The next marker from a place on, past coded data and their restart markers. */
async function nextMarker(
  read: ByteReader,
  from: number,
): Promise<{ readonly at: number; readonly code: number } | undefined> {
  for (let start = from; ; ) {
    const bytes = await read(start, CHUNK);
    if (bytes.length < 2) return undefined;
    let at = bytes.indexOf(0xff);
    while (at >= 0 && at + 1 < bytes.length) {
      const code = bytes[at + 1]!;
      const isData = code === STUFFED || code === FILL || (code >= 0xd0 && code <= 0xd7);
      if (!isData) return { at: start + at, code };
      at = bytes.indexOf(0xff, at + 1);
    }
    // The byte at the end may begin a marker.
    start += at < 0 ? bytes.length : Math.max(1, at);
  }
}
