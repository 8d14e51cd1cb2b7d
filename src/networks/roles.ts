import { concat, expand, input, ParameterScope, type Value } from '../graph/index.js';
import { ModelError } from '../utils/errors.js';
import {
  type BurstRestorerNetwork,
  type FusionNetwork,
  type ImageNetwork,
  type Network,
  type NoiseInput,
  networkInputs,
} from './network.js';

/** What a network with its configuration computes. */
export type Role = Exclude<Network['role'], 'restorer-or-denoiser'>;

/** Channels of an RGB image. */
const RGB = 3;
/** Channels of a packed RGGB frame. */
const RGGB = 4;

/** How a network reads the noise level; `undefined` where it reads none. */
function noiseInputOf(network: Network, config: unknown): NoiseInput | undefined {
  return 'noiseInput' in network ? network.noiseInput(config) : undefined;
}

/**
 * The Gaussian denoiser D(x, sigma) = E[x0 | x0 + sigma noise] of a network.
 * @param image [N, 3, H, W] in [0, 1] units, with the noise.
 * @param sigma [N, 1, 1, 1], the noise's standard deviation in the same units.
 * @throws ModelError where the network is no denoiser of RGB images.
 */
export function buildDenoiser(
  network: ImageNetwork,
  config: unknown,
  scope: ParameterScope,
  image: Value,
  sigma: Value,
): Value {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const noiseInput = noiseInputOf(network, config);
  const expected = [batch, channels + (noiseInput === 'channel' ? 1 : 0), height, width];
  const shapes = network.inputShapes(config, { batch, height, width });
  if (noiseInput === undefined || String(shapes[0]) !== String(expected))
    throw new ModelError(network.name, 'is no denoiser of known noise', {
      expected: 'an image and a noise level, or four channels',
      received: shapes.map((shape) => `[${shape}]`).join(', '),
    });
  const inputs =
    noiseInput === 'input'
      ? [image, sigma]
      : [concat([image, expand(sigma, [batch, 1, height, width])], 1)];
  const output = network.build(config, scope, inputs);
  if (output.shape.join() !== image.shape.join())
    throw new ModelError(network.name, 'is no denoiser: its output has another shape', {
      expected: `[${image.shape}]`,
      received: `[${output.shape}]`,
    });
  return output;
}

/**
 * The restoration E[x0 | y] of degraded images [N, 3, H, W] by a network.
 * @throws ModelError where the network is no restorer of such images.
 */
export function buildRestorer(
  network: ImageNetwork,
  config: unknown,
  scope: ParameterScope,
  image: Value,
): Value {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const shapes = network.inputShapes(config, { batch, height, width });
  if (!isRestorer(network, config) || String(shapes[0]) !== String(image.shape))
    throw new ModelError(network.name, `does not restore images of ${channels} channels`);
  const output = network.build(config, scope, [image]);
  if (output.shape[1] !== channels)
    throw new ModelError(network.name, `does not output images of ${channels} channels`, {
      received: `[${output.shape}]`,
    });
  return output;
}

function isRestorer(network: Network, config: unknown): boolean {
  return roleIn(network, config) === 'restorer';
}

/** The role under a configuration, for images of any number of channels. */
function roleIn(network: Network, config: unknown): Role {
  if (network.role !== 'restorer-or-denoiser') return network.role;
  return network.noiseInput(config) === undefined ? 'restorer' : 'denoiser';
}

/**
 * The image [1, 3, H, W] in linear light that a network restores from a burst of RAW frames, its
 * input `degraded` [1, frames, 4, h, w] of packed RGGB, the reference first.
 * @throws ModelError where the network is no restorer of such bursts.
 */
export function buildBurstRestorer(
  network: ImageNetwork,
  config: unknown,
  scope: ParameterScope,
  height: number,
  width: number,
): Value {
  const burst = requireBurstRestorer(network);
  const shape = [1, burst.frames(config), RGGB, height, width];
  const output = network.build(config, scope, [input('degraded', shape)]);
  if (output.shape[1] !== RGB)
    throw new ModelError(network.name, `does not output images of ${RGB} channels`, {
      received: `[${output.shape}]`,
    });
  return output;
}

/** @throws ModelError for a network of another role. */
export function requireBurstRestorer(network: ImageNetwork): BurstRestorerNetwork {
  if (network.role === 'burst-restorer') return network;
  throw new ModelError(network.name, 'does not restore bursts');
}

/** @throws ModelError for a network of another role. */
export function requireFusionNetwork(network: ImageNetwork): FusionNetwork {
  if (network.role === 'fusion') return network;
  throw new ModelError(network.name, 'is no fusion network of two images and a timestep');
}

/** Shapes of a network's inputs and output at its smallest size, for a batch of one. */
interface Signature {
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
}

/** The shapes of a network at its smallest size. */
export function signatureOf(network: Network, config: unknown): Signature {
  const inputs = networkInputs(network, config);
  return {
    inputs: inputs.map(({ shape }) => shape),
    output: network.build(config, new ParameterScope(), inputs).shape,
  };
}

/**
 * The role that a network has in DP-IR under a configuration; `undefined` where it processes other
 * images than RGB, such as greyscale ones.
 */
export function roleOf(
  network: Network,
  config: unknown,
  { inputs, output }: Signature = signatureOf(network, config),
): Role | undefined {
  const role = roleIn(network, config);
  if (role === 'perceptual') return role;
  const expected = {
    restorer: RGB,
    denoiser: noiseInputOf(network, config) === 'channel' ? RGB + 1 : RGB,
    'burst-restorer': RGGB,
    fusion: RGB,
  }[role];
  return inputs[0]?.at(-3) === expected && output[1] === RGB ? role : undefined;
}
