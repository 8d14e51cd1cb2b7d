import { type Tensor, tensor } from '../../../tensor/tensor.js';
import { input } from '../../leaves.js';
import { lowerToOnnx } from '../lower.js';
import { blockChannels } from './layout-operators.js';

/** Compiles an ONNX model, runs it once and gives its outputs. */
export type RunModel = (
  bytes: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
) => Promise<Readonly<Record<string, Tensor>>>;

const CHANNELS = 64;

/**
 * Channels of a block on the processor and runtime that `run` uses, for `lowerToOnnx`; undefined
 * where they have no blocked convolutions. Learnt from how a picture comes back, since the runtime
 * does not tell.
 */
export async function findChannelBlock(run: RunModel): Promise<number | undefined> {
  const width = 2;
  const x = input('x', [1, CHANNELS, 1, width]);
  const { bytes } = lowerToOnnx({ outputs: { y: blockChannels(x) } });
  const places = tensor(
    x.shape,
    Float32Array.from({ length: CHANNELS * width }, (_, place) => place),
  );
  let data: Float32Array;
  try {
    data = (await run(bytes, { x: places })).y!.data;
  } catch {
    // A runtime without these operators refuses the graph, each in words of its own.
    return undefined;
  }
  // The second pixel of the first channel follows the first pixels of a whole block.
  const block = data.indexOf(1);
  const known = Float32Array.from({ length: data.length }, (_, place) => {
    const channel = place % block;
    const pixel = Math.floor(place / block) % width;
    return (Math.floor(place / (block * width)) * block + channel) * width + pixel;
  });
  const understood = block > 1 && known.every((value, place) => value === data[place]);
  return understood ? block : undefined;
}
