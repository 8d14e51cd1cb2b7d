import { createHash } from 'node:crypto';
import type { CatalogueEntry } from '../../../weights/catalogue/catalogue.js';

/** Bytes that look like nothing in particular, so that every place of them is told from others. */
export function weights(length = 100_000): Uint8Array {
  return Uint8Array.from({ length }, (_, place) => (place * 2_654_435_761) >>> 24);
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** A catalogue entry of a file that is published at the addresses, with its size and hash. */
export function entryOf(
  bytes: Uint8Array,
  addresses: string[],
  change: Partial<CatalogueEntry> = {},
): CatalogueEntry {
  return {
    name: 'made-up',
    title: 'made-up weights',
    network: 'swinir',
    role: 'restorer',
    file: 'weights.pth',
    addresses,
    page: 'https://example.com/weights',
    manual: false,
    licence: 'MIT',
    bytes: bytes.length,
    hashes: [{ kind: 'sha256', value: sha256(bytes), source: 'here' }],
    ...change,
  };
}
