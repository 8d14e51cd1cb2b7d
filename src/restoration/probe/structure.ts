import { ModelError } from '../../tensor/errors.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import {
  inputsOf,
  noiseInputKind,
  type OnnxContract,
  type OnnxStatement,
} from '../../weights/onnx/onnx-module.js';
import { contradict } from './report.js';

type NoiseKind = OnnxContract['noise']['kind'];

/** What decides the shapes of the tensors that a file is fed with. */
export interface Structure {
  readonly layout: OnnxContract['layout'];
  readonly noise: NoiseKind;
}

/** Everything that the graph alone tells. */
export interface GraphFacts {
  readonly elementType: OnnxContract['elementType'];
  readonly structures: readonly Structure[];
  /** Axes of the picture, for evidence. */
  readonly shape: string;
}

/**
 * Reads element type, layout and noise input off a graph, as far as its axes tell.
 * @throws ModelError where no contract could fit, or a statement is contradicted.
 */
export function factsOfGraph(
  file: OnnxFile,
  role: OnnxContract['role'],
  stated: OnnxStatement,
): GraphFacts {
  const { image, noise } = inputsOf(file);
  const { elementType } = image;
  const shape = `${image.name} is ${elementType} [${image.axes.join(', ')}]`;
  if (elementType !== 'float32' && elementType !== 'float16')
    throw new ModelError(file.name, `its input ${shape}, expected float32 or float16`);
  if (file.output.elementType !== elementType)
    throw new ModelError(
      file.name,
      `takes ${elementType} but gives ${file.output.elementType}; expected one element type`,
    );
  if (typeof image.axes[0] === 'number' && image.axes[0] !== 1)
    throw new ModelError(file.name, `takes ${image.axes[0]} pictures at once, expected one`);
  if (stated.elementType !== undefined && stated.elementType !== elementType)
    throw contradict(file.name, 'elementType', stated.elementType, `its input ${shape}`);

  const axisOf = { nchw: image.axes[1]!, nhwc: image.axes[3]! };
  const layouts = (['nchw', 'nhwc'] as const).filter((one) => isColour(axisOf[one]));
  const isOpen = Object.values(axisOf).every((axis) => typeof axis === 'string');
  const possible = isOpen ? (['nchw', 'nhwc'] as const) : layouts;
  const structures = possible.flatMap((layout) => {
    const channels = axisOf[layout];
    if (noise !== undefined && channels === 4) return [];
    const kinds = noise === undefined ? channelKinds(channels) : noiseInputKind(noise.axes);
    return kinds.map((kind): Structure => ({ layout, noise: kind }));
  });
  if (structures.length === 0)
    throw new ModelError(
      file.name,
      `its input ${shape}, expected three channels, or four with a noise level`,
    );
  const taken =
    role === 'restorer' ? structures.filter(({ noise: kind }) => kind === 'none') : structures;
  if (taken.length === 0)
    throw new ModelError(
      file.name,
      `takes a noise level, so it is no restorer: its input ${shape}`,
    );
  return { elementType, structures: narrowed(file, taken, stated, shape), shape };
}

const isColour = (axis: number | string): boolean => axis === 3 || axis === 4;

function channelKinds(channels: number | string): NoiseKind[] {
  if (typeof channels === 'string') return ['none', 'channel'];
  return channels === 4 ? ['channel'] : ['none'];
}

function narrowed(
  file: OnnxFile,
  structures: readonly Structure[],
  stated: OnnxStatement,
  shape: string,
): Structure[] {
  const ofLayout = structures.filter(({ layout }) => (stated.layout ?? layout) === layout);
  if (ofLayout.length === 0)
    throw contradict(file.name, 'layout', stated.layout, `its input ${shape}`);
  const ofNoise = ofLayout.filter(({ noise }) => (stated.noise?.kind ?? noise) === noise);
  if (ofNoise.length > 0) return ofNoise;
  const inputs = file.inputs.map(({ name, axes }) => `${name} [${axes?.join(', ')}]`).join(', ');
  throw contradict(file.name, 'noise', stated.noise?.kind, `the graph takes ${inputs}`);
}
