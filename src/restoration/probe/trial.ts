import type { CompiledGraph, GraphRunner } from '../../graph/graph-runner.js';
import { EngineError, LimitError, ModelError, ParameterError } from '../../tensor/errors.js';
import { toFloat32 } from '../../tensor/half.js';
import type { DataType, Tensor } from '../../tensor/tensor.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import type { OnnxContract, OnnxModule } from '../../weights/onnx/onnx-module.js';
import { allFinite } from '../finite.js';
import { modelFeeds } from '../onnx-pictures.js';
import { drawScene, scenes } from './pictures.js';
import type { Structure } from './structure.js';

/** Pixels of an output for one of the input, along each side. */
const MOST_SCALE = 16;

/** Output extents over input extents where a run worked, or why it did not. */
export type Trial =
  | { readonly scale: number; readonly failure?: undefined }
  | { readonly scale?: undefined; readonly failure: string };

/** Runs of one ONNX file on pictures made for it. */
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

  /** The output of a module for a picture [1, 3, H, W] of exactly its size. */
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
      throw new ModelError(this.file.name, `is no network for pictures: ${failure}`);
    return { failure };
  }
}

/** What a network says of pictures that it does not take. */
function isRefusal(error: unknown): error is Error {
  return (
    error instanceof EngineError || error instanceof ModelError || error instanceof ParameterError
  );
}

function firstLine(text: string): string {
  const line = text.split('\n')[0]!;
  return line.length > 500 ? `${line.slice(0, 500)}...` : line;
}
