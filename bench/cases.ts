/** A tensor of made-up numbers in [0, factor). */
export interface MadeUpInput {
  readonly name: string;
  readonly shape: readonly number[];
  readonly factor: number;
}

/** One line of the table, in a form that both sides understand. */
export interface BenchCase {
  readonly name: string;
  readonly title: string;
  readonly kind: 'inference' | 'training' | 'product';
  readonly network: string;
  /** Configuration of our network. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Arguments of PyTorch's class of the same network. */
  readonly arguments: Readonly<Record<string, unknown>>;
  /** In the order of the network's inputs; a training has its target last. */
  readonly inputs: readonly MadeUpInput[];
  /** Learning rate of a training. */
  readonly rate: number;
  /** How many times PyTorch's speed is asked for. */
  readonly target: number | undefined;
}

const base = { config: {}, arguments: {}, rate: 0, target: 1.2, kind: 'inference' } as const;

function image(name: string, ...shape: number[]): MadeUpInput {
  return { name, shape, factor: 1 };
}

function superResolution(kind: 'light' | 'classical', size: number): BenchCase {
  const direct = kind === 'light';
  const embedding = direct ? 60 : 180;
  const layers = new Array<number>(direct ? 4 : 6).fill(6);
  return {
    ...base,
    name: `swinir-${kind}`,
    title: `SwinIR ${kind} x4, ${size}x${size} to ${4 * size}x${4 * size}`,
    network: 'swinir',
    config: {
      upscale: 4,
      img_size: 64,
      window_size: 8,
      depths: layers,
      embed_dim: embedding,
      num_heads: layers,
      mlp_ratio: 2,
      upsampler: direct ? 'pixelshuffledirect' : 'pixelshuffle',
    },
    arguments: { size, embedding, depths: layers, heads: layers, direct },
    inputs: [image('low', 1, 3, size, size)],
  };
}

function burst(frames: number, size: number): BenchCase {
  const depths = [6, 6, 6, 6, 6];
  return {
    ...base,
    name: 'bsrt-small',
    title: `BSRT-Small, ${frames} raw frames of ${size}x${size} to ${8 * size}x${8 * size}`,
    network: 'bsrt',
    config: { model_level: 'S', burst_size: frames },
    arguments: { frames, size, embedding: 60, depths, heads: depths },
    inputs: [image('burst', 1, frames, 4, size, size)],
    target: 1,
  };
}

function fusionInputs(batch: number, size: number): MadeUpInput[] {
  return [
    image('restored', batch, 3, size, size),
    image('denoised', batch, 3, size, size),
    { name: 't', shape: [batch], factor: 250 },
  ];
}

function fusionTraining(name: string, batch: number): BenchCase {
  return {
    ...base,
    name,
    title: `fusion training step, ${batch} crops of 64x64: gradients and Adam`,
    kind: 'training',
    network: 'fusion',
    inputs: [...fusionInputs(batch, 64), image('target', batch, 3, 64, 64)],
    rate: 1e-4,
    target: 1,
  };
}

/** MIRNet-S as a denoiser in training. */
function denoiserTraining(features: number, batch: number): BenchCase {
  return {
    ...base,
    name: `mirnet-training-${features}`,
    title: `MIRNet-S training step, ${features} features, ${batch} crops of 64x64`,
    kind: 'training',
    network: 'mirnet',
    config: { in_channels: 4, n_feat: features, n_RRG: 3, n_MSRB: 1, height: 3, width: 2 },
    arguments: { features },
    inputs: [image('noisy', batch, 4, 64, 64), image('target', batch, 3, 64, 64)],
    rate: 2e-4,
    target: 1 / 1.3,
  };
}

function superResolutionTraining(batch: number, size: number): BenchCase {
  const { config, arguments: given, network } = superResolution('light', size);
  return {
    ...base,
    name: 'swinir-training',
    title: `SwinIR light x4 training step, ${batch} crops of ${size}x${size}`,
    kind: 'training',
    network,
    config,
    arguments: given,
    inputs: [image('low', batch, 3, size, size), image('target', batch, 3, 4 * size, 4 * size)],
    rate: 2e-4,
    target: 1 / 1.3,
  };
}

const PRODUCT_SIDE = 1536;

/** Every case there is, in the order of the table. */
export const cases: readonly BenchCase[] = [
  superResolution('light', 64),
  superResolution('classical', 64),
  {
    ...base,
    name: 'mirnet-s',
    title: 'MIRNet-S denoiser, 128x128',
    network: 'mirnet',
    config: { in_channels: 4, n_feat: 64, n_RRG: 3, n_MSRB: 1, height: 3, width: 2 },
    inputs: [image('noisy', 1, 4, 128, 128)],
  },
  {
    ...base,
    name: 'fftformer',
    title: 'FFTformer, 128x128',
    network: 'fftformer',
    inputs: [image('blurred', 1, 3, 128, 128)],
    target: 1.3,
  },
  burst(14, 48),
  {
    ...base,
    name: 'topiq-nr',
    title: 'TOPIQ without a reference, 384x512',
    network: 'topiq-nr',
    inputs: [image('image', 1, 3, 384, 512)],
    target: 1,
  },
  {
    ...base,
    name: 'topiq-fr',
    title: 'TOPIQ with a reference, 256x256',
    network: 'topiq-fr',
    arguments: { compares: true },
    inputs: [image('image', 1, 3, 256, 256), image('reference', 1, 3, 256, 256)],
    target: 1,
  },
  {
    ...base,
    name: 'fusion',
    title: 'fusion, 256x256',
    network: 'fusion',
    inputs: fusionInputs(1, 256),
  },
  fusionTraining('fusion-training', 8),
  fusionTraining('fusion-training-2', 2),
  denoiserTraining(16, 4),
  denoiserTraining(64, 4),
  superResolutionTraining(2, 64),
  {
    ...base,
    name: 'product',
    title: `one product of ${PRODUCT_SIDE}x${PRODUCT_SIDE} matrices`,
    kind: 'product',
    network: '',
    inputs: ['left', 'right'].map((name) => image(name, PRODUCT_SIDE, PRODUCT_SIDE)),
    target: undefined,
  },
];
