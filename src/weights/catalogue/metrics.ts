import type { CatalogueRecord, PublishedHash } from './catalogue.js';

const LPIPS = 'richzhang/PerceptualSimilarity';
const LPIPS_COMMIT = '082bb24f84c091ea94de2867d34c4544f68e0963';

function head(
  backbone: 'alex' | 'vgg' | 'squeeze',
  bytes: number,
  blob: string,
  sha256: string,
): CatalogueRecord {
  const path = `lpips/weights/v0.1/${backbone}.pth`;
  return {
    name: `lpips-${backbone}`,
    title: `LPIPS v0.1, heads for the backbone ${backbone}`,
    network: 'lpips',
    role: 'metric-part',
    file: `lpips-v0.1-${backbone}.pth`,
    addresses: [`https://raw.githubusercontent.com/${LPIPS}/${LPIPS_COMMIT}/${path}`],
    page: `https://github.com/${LPIPS}/tree/master/lpips/weights/v0.1`,
    licence: 'BSD-2-Clause',
    bytes,
    hashes: [
      { kind: 'git-blob', value: blob, source: `github.com/${LPIPS}, tree of commit 082bb24f` },
      { kind: 'sha256', value: sha256, source: 'computed from that git blob' },
    ],
  };
}

function byName(file: string): PublishedHash {
  const value = /-([0-9a-f]{8})\.pth$/.exec(file)![1]!;
  return { kind: 'sha256-prefix', value, source: 'its file name, by the custom of torch-hub' };
}

function backbone(
  name: string,
  title: string,
  network: string,
  file: string,
  bytes: number,
): CatalogueRecord {
  return {
    name,
    title,
    network,
    role: 'metric-part',
    file,
    addresses: [`https://download.pytorch.org/models/${file}`],
    page: 'https://docs.pytorch.org/vision/stable/models.html',
    licence: 'not stated',
    bytes,
    hashes: [byName(file)],
    note: 'trained on ImageNet; the code that publishes it is under BSD-3-Clause',
  };
}

function topiq(name: string, title: string, file: string): CatalogueRecord {
  return {
    name,
    title,
    network: 'topiq',
    role: 'metric',
    file,
    addresses: [
      `https://huggingface.co/chaofengc/IQA-PyTorch-Weights/resolve/main/${file}`,
      `https://github.com/chaofengc/IQA-PyTorch/releases/download/v0.1-weights/${file}`,
    ],
    page: 'https://huggingface.co/chaofengc/IQA-PyTorch-Weights',
    licence: 'not stated',
    hashes: [byName(file)],
    note: 'the code that publishes it is under PolyForm-Noncommercial-1.0.0 and the S-Lab License 1.0',
  };
}

/** LPIPS in its two parts, and TOPIQ. */
export const metrics: readonly CatalogueRecord[] = [
  head(
    'alex',
    6_009,
    '1df9dfe62abb1fc89cc7f82b4e5fe886c979708e',
    'df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0',
  ),
  head(
    'vgg',
    7_289,
    '47e943cfacabf7040b4af8cf4084ab91177f1b88',
    'a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868',
  ),
  head(
    'squeeze',
    10_811,
    'a3bd383bc4747bb587d3c3d47c80e43eda2ab536',
    '4a5350f23600cb79923ce65bb07cbf57dca461329894153e05a1346bd531cf76',
  ),
  backbone(
    'alexnet-imagenet',
    'AlexNet, backbone of lpips-alex',
    'alexnet',
    'alexnet-owt-7be5be79.pth',
    244_408_911,
  ),
  backbone(
    'vgg16-imagenet',
    'VGG-16, backbone of lpips-vgg',
    'vgg16',
    'vgg16-397923af.pth',
    553_433_881,
  ),
  backbone(
    'squeezenet-imagenet',
    'SqueezeNet 1.1, backbone of lpips-squeeze',
    'squeezenet1_1',
    'squeezenet1_1-b8a52dc0.pth',
    4_958_839,
  ),
  topiq(
    'topiq-nr-koniq',
    'TOPIQ without reference, trained on KonIQ-10k',
    'cfanet_nr_koniq_res50-9a73138b.pth',
  ),
  topiq(
    'topiq-nr-spaq',
    'TOPIQ without reference, trained on SPAQ',
    'cfanet_nr_spaq_res50-a7f799ac.pth',
  ),
  topiq(
    'topiq-nr-flive',
    'TOPIQ without reference, trained on FLIVE',
    'cfanet_nr_flive_res50-ded1c74e.pth',
  ),
  topiq(
    'topiq-fr-kadid',
    'TOPIQ with reference, trained on KADID-10k',
    'cfanet_fr_kadid_res50-2c4cc61d.pth',
  ),
  topiq(
    'topiq-fr-pipal',
    'TOPIQ with reference, trained on PIPAL',
    'cfanet_fr_pipal_res50-69bbe5ba.pth',
  ),
];
