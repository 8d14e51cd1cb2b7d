import { describe, expect, test } from 'vitest';
import { ModelError } from '../../tensor/errors.js';
import { decodePyTorch } from './index.js';
import { goodFile, legacyFile, withPickle, writeZip, zipFile } from './testing/files.js';
import {
  bytesOf,
  dictionary,
  named,
  pickle,
  tensorOf,
  text,
  uint32,
  uint64,
} from './testing/pickles.js';
import { refuses } from './testing/refusals.js';

const good = pickle(dictionary({ w: tensorOf() }));
const lie = (lies: Parameters<typeof writeZip>[1]) => () => zipFile(good, {}, lies);

describe('an archive that lies is refused', () => {
  refuses([
    ['a compressed entry', lie({ 'x/data/0': { method: 8 } }), /compressed \(method 8/],
    ['an encrypted entry', lie({ 'x/data/0': { flags: 1 } }), /encrypted/],
    ['an entry beyond the file', lie({ 'x/data/0': { size: 1e9 } }), /outside/],
    ['a size that is not in the file', lie({ 'x/data/0': { size: 2 ** 32 - 1 } }), /cut off/],
    ['two sizes for one entry', lie({ 'x/data/0': { packedSize: 8 } }), /stored, yet/],
    ['an entry over its neighbour', lie({ 'x/data/0': { size: 50 } }), /overlap/],
    ['two entries at one place', lie({ 'x/version': { headerAt: 0 } }), /another name/],
    ['an entry in nothing', lie({ 'x/version': { headerAt: 5 } }), /not where/],
    ['an entry far away', lie({ 'x/version': { headerAt: 0x7fffffff } }), /outside/],
    ['another name in its header', lie({ 'x/version': { localName: 'x/w' } }), /another name/],
    ['a wrong checksum', lie({ 'x/data/0': { checksum: 1 } }), /checksum/],
    [
      'an entry given twice',
      () => writeZip([...Array(2)].map(() => ['x/data.pkl', bytesOf(good)] as const)),
      /two entries/,
    ],
    ['no pickle', () => writeZip([['x/version', bytesOf('3')]]), /no PyTorch checkpoint/],
    ['two pickles', () => zipFile(good, { 'y/data.pkl': bytesOf(good) }), /no PyTorch checkpoint/],
    ['a program', () => zipFile(good, { 'x/constants.pkl': bytesOf('') }), /TorchScript/],
    ['the other byte order', () => zipFile(good, { 'x/byteorder': bytesOf('big') }), /"big"/],
    ['an absurd number of entries', () => zip64(2n ** 40n, 0n), /has 1099511627776 entries/],
    ['a directory beyond the file', () => zip64(1n, 2n ** 40n), /beyond its end/],
    ['nothing but an end', () => bytesOf(`PK\x05\x06${'\0'.repeat(18)}`), /no PyTorch checkpoint/],
  ]);
});

/** An archive whose ZIP64 directory states a number of entries and a place. */
function zip64(count: bigint, at: bigint): Uint8Array {
  const numbers = [count, count, 0n, at].map(uint64).join('');
  const end = `PK\x06\x06${uint64(44n)}${'\0'.repeat(12)}${numbers}`;
  const locator = `PK\x06\x07${uint32(0)}${uint64(0n)}${uint32(1)}`;
  return bytesOf(`${end}${locator}PK\x05\x06${'\0'.repeat(4)}${'\xff'.repeat(12)}\0\0`);
}

const legacy = (parts: Parameters<typeof legacyFile>[1]) => () => legacyFile(good, parts);

describe('a legacy file that lies is refused', () => {
  refuses([
    ['another magic number', legacy({ magic: '\x8a\x0a1234567890' }), /magic/],
    ['another protocol', legacy({ protocol: 1000 }), /protocol/],
    ['the other byte order', legacy({ littleEndian: '\x89' }), /little-endian/],
    ['no list of storages', legacy({ keys: '}' }), /no list of its storages/],
    ['an empty list of storages', legacy({ keys: ']', storages: '' }), /no data for the storage/],
    ['an unknown storage', legacy({ keys: `](${text('9')}e` }), /does not use/],
    ['a storage listed twice', legacy({ keys: `](${text('0')}2e` }), /twice/],
    ['a storage of another length', legacy({ storages: uint64(9n) }), /states 9/],
    ['a storage that is cut off', legacy({ storages: `${uint64(8n)}abc` }), /cut off/],
    [
      'an absurd storage',
      () =>
        legacyFile(pickle(dictionary({ w: tensorOf({ length: 2 ** 50 }) })), {
          storages: uint64(2n ** 50n),
        }),
      /cut off/,
    ],
    ['a call', () => legacyFile(pickle(`${named('os', 'system')})R`)), /os\.system/],
    ['a call in the list of storages', legacy({ keys: named('os', 'fork') }), /os\.fork/],
    ['a storage in the magic number', legacy({ magic: `${text('0')}Q` }), /no PyTorch checkpoint/],
    ['trailing data', legacy({ storages: `${uint64(8n)}${'\0'.repeat(40)}` }), /8 bytes after/],
    ['an empty file', () => new Uint8Array(0), /the file is empty/],
    ['a picture', () => bytesOf('\x89PNG\r\n\x1a\n'), /no PyTorch checkpoint/],
    ['an archive of tar', () => bytesOf(`sys_info${'\0'.repeat(500)}`), /no PyTorch checkpoint/],
  ]);
});

test.each(['zip', 'legacy', 'params-ema', 'protocol-4'])(
  '%s.pth is refused cut off anywhere',
  (name) => {
    const bytes = goodFile(name);
    for (let length = 0; length < bytes.length; length++)
      expect(() => decodePyTorch(bytes.subarray(0, length), 'cut.pth')).toThrow(ModelError);
  },
);

test('a pickle cut off anywhere is refused though its archive is whole', () => {
  const { length } = goodFile('lightning');
  let refused = 0;
  for (let cut = 1; cut < length; cut++) {
    const bytes = withPickle('lightning', (whole) => whole.subarray(0, -cut));
    expect(() => decodePyTorch(bytes, 'cut.pth')).toThrow(ModelError);
    refused += 1;
    if (cut >= 465) break;
  }
  expect(refused).toBe(465);
});
