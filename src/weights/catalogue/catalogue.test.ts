import { expect, test } from 'vitest';
import { catalogue, catalogueEntrySchema, findEntry, matchesHash, recognise } from './catalogue.js';

const entry = findEntry('swinir-classical-x4')!;
const sha256 = entry.hashes[0]!.value;

test('names and files are unique', () => {
  expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
  expect(new Set(catalogue.map(({ file }) => file)).size).toBe(catalogue.length);
});

test.each([
  'swinir-classical-x4',
  'swinir-light-x4',
  'swinir-real-m-x4',
  'swinir-real-l-x4',
  'swinir-colour-denoise-15',
  'swinir-colour-denoise-25',
  'swinir-colour-denoise-50',
  'fftformer-gopro',
  'bsrt-small-synthetic',
  'bsrt-large-synthetic',
  'esrgan-x4',
  'rrdb-psnr-x4',
  'drunet-colour',
  'nafnet-gopro-32',
  'nafnet-sidd-64',
  'lpips-alex',
  'lpips-vgg',
  'lpips-squeeze',
  'alexnet-imagenet',
  'vgg16-imagenet',
  'squeezenet-imagenet',
  'topiq-nr-koniq',
  'topiq-nr-spaq',
  'topiq-nr-flive',
  'topiq-fr-kadid',
  'topiq-fr-pipal',
])('%s can be found', (name) => {
  expect(findEntry(name)?.name).toBe(name);
});

test('a name that is not there is not found', () => {
  expect(findEntry('swinir')).toBeUndefined();
});

test.each<[string, object]>([
  ['a name with capitals', { name: 'SwinIR' }],
  ['a file with a folder', { file: '../weights.pth' }],
  ['an address without encryption', { addresses: ['http://example.com/a.pth'] }],
  ['no address', { addresses: [] }],
  ['addresses though manual', { manual: true }],
  ['a hash that is too short', { hashes: [{ kind: 'sha256', value: 'abcd', source: 's' }] }],
  ['a hash without a source', { hashes: [{ kind: 'sha256', value: sha256, source: '' }] }],
  ['an entry that is not known', { colour: 'red' }],
])('%s is refused', (_, change) => {
  expect(catalogueEntrySchema.safeParse(entry).success).toBe(true);
  expect(catalogueEntrySchema.safeParse({ ...entry, ...change }).success).toBe(false);
});

test('a prefix matches every hash that starts with it', () => {
  const prefix = { kind: 'sha256-prefix', value: sha256.slice(0, 8), source: 's' } as const;
  expect(matchesHash(prefix, { sha256 })).toBe(true);
  expect(matchesHash(prefix, { sha256: `0${sha256.slice(1)}` })).toBe(false);
  expect(matchesHash(prefix, { gitBlob: sha256.slice(0, 40) })).toBeUndefined();
});

test('a file is recognised by its hash whatever its name', () => {
  expect(recognise('renamed.pth', { sha256 })).toBe(entry);
  const head = findEntry('lpips-alex')!;
  expect(recognise('alex.pth', { gitBlob: head.hashes[0]!.value })).toBe(head);
});

test('a name is believed only where no hash can tell', () => {
  expect(recognise(entry.file, { sha256: '0'.repeat(64) })).toBeUndefined();
  expect(recognise('RRDB_PSNR_x4.pth', { sha256 })).toBe(entry);
  expect(recognise('RRDB_PSNR_x4.pth', { sha256: '0'.repeat(64) })?.name).toBe('rrdb-psnr-x4');
});
