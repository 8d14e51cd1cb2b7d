/**
 * Encodes 16-bit rows as a lossless JPEG (ITU-T T.81 process 14, predictor 1), the compression of
 * DNG files: each pair of neighbours is one sample of two components.
 */
export function losslessJpeg(samples: Uint16Array, width: number, height: number): Uint8Array {
  const segment = (marker: number, payload: readonly number[]) => [
    0xff,
    marker,
    (payload.length + 2) >> 8,
    (payload.length + 2) & 255,
    ...payload,
  ];
  const columns = width / 2;
  const frame = [16, height >> 8, height & 255, columns >> 8, columns & 255, 2];
  const categories = Array.from({ length: 17 }, (_, category) => category);
  // Seventeen codes of five bits each: category 16 is the code 16.
  const codes = [0, 0, 0, 0, 17, ...new Array<number>(11).fill(0)];
  const head = [
    ...[0xff, 0xd8],
    ...segment(0xc4, [0x00, ...codes, ...categories]),
    ...segment(0xc3, [...frame, 0, 0x11, 0, 1, 0x11, 0]),
    ...segment(0xda, [2, 0, 0x00, 1, 0x00, 1, 0, 0]),
  ];
  return Uint8Array.from([...head, ...entropy(samples, width, height), 0xff, 0xd9]);
}

function entropy(samples: Uint16Array, width: number, height: number): number[] {
  const bytes: number[] = [];
  let pending = 0;
  let bits = 0;
  const put = (value: number, length: number) => {
    for (let bit = length - 1; bit >= 0; bit--) {
      pending = (pending << 1) | ((value >> bit) & 1);
      bits += 1;
      if (bits < 8) continue;
      bytes.push(pending);
      if (pending === 0xff) bytes.push(0);
      pending = 0;
      bits = 0;
    }
  };
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      const above = y > 0 ? samples[at - width]! : 1 << 15;
      const prediction = x < 2 ? above : samples[at - 2]!;
      const difference = ((samples[at]! - prediction) << 16) >> 16;
      const category = difference === -32768 ? 16 : 32 - Math.clz32(Math.abs(difference));
      put(category, 5);
      if (category < 16) put(difference < 0 ? difference - 1 : difference, category);
    }
  while (bits !== 0) put(1, 1);
  return bytes;
}
