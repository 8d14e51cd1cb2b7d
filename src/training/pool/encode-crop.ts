import { type Tensor, tensor } from '../../tensor/tensor.js';
import type { RestoredCrop } from './restored-pool.js';

/**
 * Values are kept in 16 bits from -1 to 2.21. Bytes of pictures, multiples of 1/255, come back with
 * the very bits they had; other values within 1/40800.
 */
const STEPS_PER_UNIT = 255 * 80;
const LOWEST = -1;
const MOST = 0xffff;

const decoded = Float32Array.from(
  { length: MOST + 1 },
  (_, code) => code / STEPS_PER_UNIT + LOWEST,
);

/** Bytes of a restored crop of `side` pixels. */
export function cropBytes(side: number): number {
  return 2 * 2 * 3 * side * side;
}

/** A restored crop as bytes: the restored values, then the target's, little-endian. */
export function encodeCrop({ restored, target }: RestoredCrop): Uint8Array {
  const values = restored.data.length;
  const bytes = new Uint8Array(4 * values);
  const view = new DataView(bytes.buffer);
  for (const [part, { data }] of [restored, target].entries())
    for (let i = 0; i < values; i += 1) {
      const code = Math.round((data[i]! - LOWEST) * STEPS_PER_UNIT);
      view.setUint16(2 * (part * values + i), Math.min(MOST, Math.max(0, code)), true);
    }
  return bytes;
}

/** The inverse of `encodeCrop` for crops of `side` pixels. */
export function decodeCrop(bytes: Uint8Array, side: number): RestoredCrop {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const values = 3 * side * side;
  const part = (first: number): Tensor => {
    const picture = tensor([3, side, side]);
    for (let i = 0; i < values; i += 1)
      picture.data[i] = decoded[view.getUint16(2 * (first + i), true)]!;
    return picture;
  };
  return { restored: part(0), target: part(values) };
}
