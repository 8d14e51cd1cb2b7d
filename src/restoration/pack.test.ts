import { expect, test } from 'vitest';
import { ModelError } from '../utils/errors.js';
import { joinPack, parseManifest } from './pack.js';
import { compactModules, inexactPack, madeUpManifest, madeUpModule } from './testing/packs.js';

test('a manifest survives JSON', () => {
  const manifest = madeUpManifest({ description: 'for tests' });
  expect(parseManifest(JSON.parse(JSON.stringify(manifest)), 'pack.json')).toEqual(manifest);
});

const good = madeUpManifest();
const file = (name: string) => ({
  ...good.modules,
  fusion: { ...good.modules.fusion, file: name },
});

test.each([
  ['no object', 'pack', 'the manifest'],
  ['another format', { ...good, format: 'zip' }, 'format'],
  ['another version', { ...good, version: 2 }, 'version'],
  ['a task of the future', { ...good, task: 'colourise' }, 'task'],
  ['deblurring that enlarges', { ...good, task: 'deblur' }, 'scale: expected 1 for deblur'],
  ['a scale that is not the task', { ...good, scale: 2 }, 'scale: expected 4 for sr4'],
  ['an entry that is not known', { ...good, extra: 1 }, 'extra'],
  ['a file in another folder', { ...good, modules: file('../fusion') }, 'modules.fusion.file'],
  ['the folder above', { ...good, modules: file('..') }, 'modules.fusion.file'],
  [
    'tau beyond tMax',
    { ...good, sampler: { tau: 300, steps: 2 } },
    'sampler.tau: expected at most',
  ],
  [
    'steps beyond tau',
    { ...good, sampler: { tau: 5, steps: 6 } },
    'sampler.steps: expected at most',
  ],
  ['a missing entry', { ...good, tile: undefined }, 'tile'],
])('a manifest with %s is refused by name', (_, json, message) => {
  expect(() => parseManifest(json, 'pack.json')).toThrow(ModelError);
  expect(() => parseManifest(json, 'pack.json')).toThrow(/^pack\.json: /);
  expect(() => parseManifest(json, 'pack.json')).toThrow(message);
});

const { restorer, denoiser, fusion } = compactModules;

test.each([
  ['a denoiser as restorer', { restorer: denoiser, denoiser, fusion }, 'its restorer'],
  [
    'a restorer of another scale',
    {
      restorer: madeUpModule('compact-restorer', { scale: 2, features: 4, blocks: 1 }),
      denoiser,
      fusion,
    },
    'its restorer',
  ],
  ['a restorer as denoiser', { restorer, denoiser: restorer, fusion }, 'its denoiser'],
  ['a denoiser as fusion', { restorer, denoiser, fusion: denoiser }, 'its fusion'],
  ['a fusion as restorer', { restorer: fusion, denoiser, fusion }, 'its restorer'],
])('%s is refused when the pack is joined', (_, modules, message) => {
  expect(() => joinPack(good, modules, 'pack.json')).toThrow(ModelError);
  expect(() => joinPack(good, modules, 'pack.json')).toThrow(message);
});

test('a tile that the margins of the modules use up is refused', () => {
  const manifest = madeUpManifest({ tile: 100 });
  expect(() => joinPack(manifest, compactModules, 'pack.json')).toThrow(ModelError);
  expect(() => joinPack(manifest, compactModules, 'pack.json')).toThrow('tile is too small');
});

test('denoisers that take the noise level as a fourth channel fit', () => {
  expect(inexactPack().denoiser.network.name).toBe('mirnet');
});
