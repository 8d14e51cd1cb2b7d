import type { CompiledGraph, GraphRunner } from '../../graph/graph-runner.js';
import { toFloat32 } from '../../tensor/half.js';
import { normalAt, uniformAt } from '../../tensor/random.js';
import { type DataType, type Tensor, tensor } from '../../tensor/tensor.js';
import { EngineError, LimitError, ModelError, ParameterError } from '../../utils/errors.js';
import { allFinite } from '../../utils/finite.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import type { OnnxContract, OnnxModule } from '../../weights/onnx/onnx-module.js';
import { modelFeeds } from '../run-onnx.js';
import type { Structure } from './probe-contract.js';

/** Pixels of an output for one of the input, along each side. */
const MOST_SCALE = 16;

/** Output extents over input extents where a run worked, or why it did not. */
export type Trial =
  | { readonly scale: number; readonly failure?: undefined }
  | { readonly scale?: undefined; readonly failure: string };

/** Runs of one ONNX file on images made for it. */
export class Trials {
  readonly file: OnnxFile;
  readonly #graph: CompiledGraph;
  readonly #runner: GraphRunner;
  readonly #elementType: OnnxContract['elementType'];

  constructor(
    file: OnnxFile,
    graph: CompiledGraph,
    runner: GraphRunner,
    elementType: OnnxContract['elementType'],
  ) {
    this.file = file;
    this.#graph = graph;
    this.#runner = runner;
    this.#elementType = elementType;
  }

  /** The module of an assumed contract, which is not checked against the file. */
  module(structure: Structure, entries: Partial<OnnxContract> = {}): OnnxModule {
    const noise =
      structure.noise === 'none'
        ? { kind: structure.noise }
        : { kind: structure.noise, times: 1 as const };
    const contract: OnnxContract = {
      role: structure.noise === 'none' ? 'restorer' : 'denoiser',
      scale: 1,
      range: [0, 1],
      order: 'rgb',
      layout: structure.layout,
      elementType: this.#elementType,
      noise,
      output: 'image',
      size: { multiple: 1, minimum: 1 },
      ...entries,
    };
    return { file: this.file, contract };
  }

  /** The output of a module for an image [1, 3, H, W] of exactly its size. */
  async run(module: OnnxModule, image: Tensor, sigma: number): Promise<Tensor<DataType>> {
    await this.#runner.checkpoint();
    const outputs = await this.#graph.run(modelFeeds(module, image, sigma));
    return outputs[this.file.output.name]!;
  }

  /**
   * Tries a size.
   * @throws LimitError where memory runs out, ModelError where the output is far larger than that of
   * any restorer: other sizes would take more.
   */
  async size(structure: Structure, height: number, width: number): Promise<Trial> {
    const image = drawScene(scenes[0]!, height, width);
    let output: Tensor;
    try {
      output = toFloat32(await this.run(this.module(structure), image, 0.1));
    } catch (error) {
      if (error instanceof LimitError || !isRefusal(error)) throw error;
      return { failure: firstLine(error.message) };
    }
    const { shape } = output;
    if (!allFinite(output.data))
      return { failure: `${height} x ${width} pixels give values that are not finite` };
    const [channels, rows, columns] =
      structure.layout === 'nchw' ? [1, 2, 3] : ([3, 1, 2] as const);
    const scale = shape[rows!]! / height;
    const whole = shape.length === 4 && shape[channels!] === 3 && Number.isInteger(scale);
    if (whole && scale >= 1 && scale <= MOST_SCALE && shape[columns!]! === scale * width)
      return { scale };
    const failure = `${height} x ${width} pixels give [${shape.join(', ')}]`;
    if (output.data.length > 2 * MOST_SCALE ** 2 * 4 * height * width)
      throw new ModelError(this.file.name, `is no network for images: ${failure}`);
    return { failure };
  }
}

/** What a network says of images that it does not take. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof EngineError || error instanceof ModelError || error instanceof ParameterError
  );
}

function firstLine(text: string): string {
  const line = text.split('\n')[0]!;
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
}

const SEED = 1;
/** Mean and swing of red, green and blue: colours that no exchange of channels keeps. */
const colours = [
  [0.66, 0.24],
  [0.45, 0.2],
  [0.24, 0.16],
] as const;
const WAVES = 3;
/** Wavelengths in pixels of input: smooth for every network, yet no gradient. */
const LONGEST = 48;
const SHORTEST = 16;

/** A smooth image as a function of place, so that it exists at every resolution. */
export type Scene = (channel: number, y: number, x: number) => number;

/** Waves of random directions, and one flat colour. */
export const scenes: readonly Scene[] = [
  (channel, y, x) => {
    const [mean, swing] = colours[channel]!;
    let sum = 0;
    for (let wave = 0; wave < WAVES; wave += 1) {
      const at = (channel * WAVES + wave) * 3;
      const draw = (index: number): number => uniformAt(SEED, 0, at + index);
      const angle = 2 * Math.PI * draw(0);
      const length = SHORTEST + (LONGEST - SHORTEST) * draw(1);
      const along = Math.cos(angle) * x + Math.sin(angle) * y;
      sum += Math.sin(2 * Math.PI * (along / length + draw(2)));
    }
    return mean + (swing * sum) / WAVES;
  },
  (channel) => colours[channel]![0],
];

/**
 * A scene as an image [1, 3, height scale, width scale] in [0, 1].
 * @param scale pixels for one of the smallest image; their centres divide it evenly.
 */
export function drawScene(scene: Scene, height: number, width: number, scale = 1): Tensor {
  const [tall, wide] = [height * scale, width * scale];
  const image = tensor([1, 3, tall, wide]);
  let place = 0;
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = 0; y < tall; y += 1)
      for (let x = 0; x < wide; x += 1)
        image.data[place++] = scene(channel, (y + 0.5) / scale, (x + 0.5) / scale);
  return image;
}

/** An image with white noise of standard deviation `sigma`. */
export function withNoise(image: Tensor, sigma: number): Tensor {
  return tensor(
    image.shape,
    image.data.map((value, index) => value + sigma * normalAt(SEED, 1, index)),
  );
}

/** Root mean square and largest difference of two images, a quarter of each side left out. */
export function compareInside(a: Tensor, b: Tensor): { rms: number; largest: number } {
  const [, , height, width] = a.shape as [number, number, number, number];
  const [top, left] = [Math.floor(height / 4), Math.floor(width / 4)];
  let squares = 0;
  let largest = 0;
  let count = 0;
  for (let channel = 0; channel < 3; channel += 1)
    for (let y = top; y < height - top; y += 1)
      for (let x = left; x < width - left; x += 1) {
        const place = (channel * height + y) * width + x;
        const difference = Math.abs(a.data[place]! - b.data[place]!);
        squares += difference ** 2;
        largest = Math.max(largest, difference);
        count += 1;
      }
  // A comparison with NaN is false, so that the largest difference alone would miss it.
  return Number.isFinite(squares)
    ? { rms: Math.sqrt(squares / count), largest }
    : { rms: Number.POSITIVE_INFINITY, largest: Number.POSITIVE_INFINITY };
}
