import { concat, expand, input, ParameterScope, type Value } from '../graph/index.js';
import { ModelError } from '../utils/errors.js';
import type { Network } from './network.js';

/** What a module does in DP-IR. */
export type Role = 'restorer' | 'denoiser' | 'fusion';

/** Channels of an image. */
const COLOURS = 3;

/**
 * The Gaussian denoiser D(x, sigma) = E[x0 | x0 + sigma noise] that a network makes. Networks that
 * take the noise level as a map in a fourth channel get it there.
 * @param image [N, 3, H, W] in [0, 1] units, with the noise.
 * @param sigma [N, 1, 1, 1], the noise's standard deviation in the same units.
 * @throws ModelError where the network takes inputs that no denoiser has, or makes something else
 * of them than an image of three channels and the same size.
 */
export function buildDenoiser(
  network: Network,
  config: unknown,
  scope: ParameterScope,
  image: Value,
  sigma: Value,
): Value {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const shapes = network.inputShapes(config, { batch, height, width });
  const inputs = denoiserInputs(shapes, image, sigma);
  if (inputs === undefined)
    throw new ModelError(network.name, 'is no denoiser of known noise', {
      expected: 'an image and a noise level, or four channels',
      received: shapes.map((shape) => `[${shape}]`).join(', '),
    });
  const output = network.build(config, scope, inputs);
  if (output.shape.join() !== image.shape.join())
    throw new ModelError(network.name, 'is no denoiser: its output is no image like its input', {
      expected: `[${image.shape}]`,
      received: `[${output.shape}]`,
    });
  return output;
}

function denoiserInputs(
  shapes: readonly (readonly number[])[],
  image: Value,
  sigma: Value,
): readonly Value[] | undefined {
  const [batch, , height, width] = image.shape as [number, number, number, number];
  const [first, second] = shapes.map(String);
  if (shapes.length === 2 && first === String(image.shape) && second === String([batch, 1, 1, 1]))
    return [image, sigma];
  if (shapes.length !== 1 || first !== String([batch, COLOURS + 1, height, width]))
    return undefined;
  return [concat([image, expand(sigma, [batch, 1, height, width])], 1)];
}

/**
 * The restoration E[x0 | y] that a network makes of degraded images [N, 3, H, W].
 * @throws ModelError where the network takes something else than one image, or gives one of other
 * channels.
 */
export function buildRestorer(
  network: Network,
  config: unknown,
  scope: ParameterScope,
  image: Value,
): Value {
  const [batch, channels, height, width] = image.shape as [number, number, number, number];
  const shapes = network.inputShapes(config, { batch, height, width });
  if (shapes.length !== 1 || String(shapes[0]) !== String(image.shape))
    throw new ModelError(network.name, `does not restore images of ${channels} channels`);
  const output = network.build(config, scope, [image]);
  if (output.shape.length !== 4 || output.shape[1] !== channels)
    throw new ModelError(network.name, `makes no images of ${channels} channels`, {
      received: `[${output.shape}]`,
    });
  return output;
}

/** Colours of a mosaic's cell. */
const CELL_COLOURS = 4;

/**
 * The image [1, 3, H, W] in linear light that a network makes of a burst of RAW frames, its input
 * `degraded` [1, frames, 4, h, w] of packed RGGB, the reference first.
 * @throws ModelError where the network takes or gives something else.
 */
export function buildBurstRestorer(
  network: Network,
  config: unknown,
  scope: ParameterScope,
  height: number,
  width: number,
): Value {
  const frames = burstFrames(network, config);
  const shape = [1, frames, CELL_COLOURS, height, width];
  const shapes = network.inputShapes(config, { batch: 1, height, width });
  if (frames === undefined || shapes.join(' ') !== shape.join())
    throw new ModelError(network.name, 'does not restore bursts', {
      expected: `an input [1, frames, ${CELL_COLOURS}, height, width]`,
      received: shapes.map((own) => `[${own}]`).join(', '),
    });
  const output = network.build(config, scope, [input('degraded', shape as number[])]);
  if (output.shape.length !== 4 || output.shape[1] !== COLOURS)
    throw new ModelError(network.name, `makes no images of ${COLOURS} channels of a burst`, {
      received: `[${output.shape}]`,
    });
  return output;
}

/** The frames of a burst that a network takes under a configuration; `undefined` for no burst. */
export function burstFrames(network: Network, config: unknown): number | undefined {
  const { minimum } = network.sizeRule(config);
  const [first, ...more] = network.inputShapes(config, {
    batch: 1,
    height: minimum,
    width: minimum,
  });
  return first?.length === 5 && more.length === 0 ? first[1] : undefined;
}

/** A network's inputs and output at its smallest size, for a batch of one. */
export interface Signature {
  readonly inputs: readonly (readonly number[])[];
  readonly output: readonly number[];
}

/** Shapes that a network takes and gives at its smallest size. */
export function signatureOf(network: Network, config: unknown): Signature {
  const { minimum } = network.sizeRule(config);
  const inputs = network.inputShapes(config, { batch: 1, height: minimum, width: minimum });
  const values = inputs.map((shape, index) => input(`input${index}`, shape));
  return { inputs, output: network.build(config, new ParameterScope(), values).shape };
}

/**
 * The parts that a network can play in DP-IR. A restorer makes an RGB image of one RGB image or
 * of a burst of frames [N, frames, channels, H, W]; a denoiser keeps the size and is told the noise
 * level; a fusion network takes two images and timesteps.
 */
export function rolesOf({ inputs, output }: Signature): readonly Role[] {
  const [first, second, third] = inputs;
  const image = first?.length === 4 && first[1] === COLOURS;
  const sameSize = output.length === 4 && first?.slice(2).join() === output.slice(2).join();
  if (output.length !== 4 || output[1] !== COLOURS) return [];
  if (inputs.length === 1) {
    if (image || first?.length === 5) return ['restorer'];
    return sameSize && first?.[1] === COLOURS + 1 ? ['denoiser'] : [];
  }
  if (!image || !sameSize) return [];
  if (inputs.length === 2) return String(second) === '1,1,1,1' ? ['denoiser'] : [];
  return inputs.length === 3 && String(second) === String(first) && third?.length === 1
    ? ['fusion']
    : [];
}
