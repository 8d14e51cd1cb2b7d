import { expect, test } from 'vitest';
import { madeUpModule } from '../restoration/testing/packs.js';
import { describeModule } from './describe-module.js';

const swinir = { embed_dim: 12, depths: [2], num_heads: [2], window_size: 4, mlp_ratio: 2 };

test('a restorer of one convolution after another', () => {
  const [features, blocks, scale] = [6, 2, 2];
  const facts = describeModule(madeUpModule('compact-restorer', { features, blocks, scale }));
  const weights = 9 * (3 * features + (2 * blocks + 1) * features ** 2 + features * 3 * scale ** 2);
  const biases = features * (2 * blocks + 2) + 3 * scale ** 2;
  expect(facts).toMatchObject({
    architecture: 'compact-restorer',
    configuration: { features, blocks, scale },
    parameters: weights + biases,
    role: 'restorer',
    scale,
    inputChannels: 3,
    outputChannels: 3,
    size: { multiple: 1, minimum: 1 },
    fixedSize: false,
    tiling: { kind: 'exact', radius: 2 * blocks + 3 },
  });
  expect(facts.macsPerMegapixel).toBeCloseTo(1e6 * weights, 3);
  expect('frames' in facts).toBe(false);
});

test('the paper’s fusion network costs 0.96 million multiply-adds per pixel', () => {
  const facts = describeModule(madeUpModule('fusion', {}));
  expect(facts.role).toBe('fusion');
  expect(facts.parameters).toBe(731_267);
  expect(facts.macsPerMegapixel / 1e12).toBeCloseTo(0.96, 2);
});

test.each<[string, object, object]>([
  ['mirnet', { n_feat: 8, n_RRG: 1, n_MSRB: 1, in_channels: 4 }, { kind: 'unsafe' }],
  ['nafnet', { width: 4, middle_blk_num: 1 }, { kind: 'unsafe' }],
  ['swinir', swinir, { kind: 'approximate' }],
  [
    'fftformer',
    { dim: 4, num_blocks: [1, 0, 0], num_refinement_blocks: 0 },
    { kind: 'approximate' },
  ],
  ['udp', { widths: [4, 6] }, { kind: 'exact', radius: 15 }],
])('%s may be tiled as its layers allow', (name, stated, tiling) => {
  expect(describeModule(madeUpModule(name, stated)).tiling).toEqual(tiling);
});

test('a position embedding fixes the size', () => {
  const fixed = describeModule(madeUpModule('swinir', { ...swinir, ape: true, img_size: 12 }));
  expect(fixed).toMatchObject({ fixedSize: true, size: { multiple: 4, minimum: 12 } });
  expect(describeModule(madeUpModule('swinir', swinir)).fixedSize).toBe(false);
});

test('memory counts the results that are alive together', () => {
  const wide = describeModule(madeUpModule('compact-restorer', { features: 64, blocks: 1 }));
  const bytes = 4 * 64 * 1e6;
  expect(wide.activationBytesPerMegapixel).toBeGreaterThan(2 * bytes);
  expect(wide.activationBytesPerMegapixel).toBeLessThan(4 * bytes);
});
