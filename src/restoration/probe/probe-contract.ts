import type { GraphRunner } from '../../graph/graph-runner.js';
import { ModelError } from '../../utils/errors.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import {
  imageAndNoiseInputs,
  noiseInputKind,
  type OnnxContract,
  type OnnxStatement,
} from '../../weights/onnx/onnx-module.js';
import { keyOfOnnx } from '../run-onnx.js';
import { decide, tryHypotheses } from './hypotheses.js';
import { contradict, type Finding, type ProbeReport, reportOf, type Undecided } from './report.js';
import { probeSizes, type SizeFindings } from './sizes.js';
import { Trials } from './trial-runs.js';

export { type Finding, type ProbeReport, requireContract, type Undecided } from './report.js';

/**
 * Finds out how an ONNX file wants its images, by its graph and by running it on smooth images
 * of known colours: for a restorer the output must be the image itself, enlarged, for a denoiser
 * the image under noise. What is stated is checked; what cannot be decided is reported.
 * @throws ModelError where a statement is contradicted, or the file cannot be the module at all.
 */
export async function probeContract(
  file: OnnxFile,
  runner: GraphRunner,
  role: OnnxContract['role'],
  stated: OnnxStatement = {},
): Promise<ProbeReport> {
  if (stated.role !== undefined && stated.role !== role)
    throw contradict(file.name, 'role', stated.role, `it is to be a ${role}`);
  const { elementType, structures, shape } = factsOfGraph(file, role, stated);
  const graph = await runner.compile(keyOfOnnx(file.bytes), () => file.bytes);
  const trials = new Trials(file, graph, runner, elementType);
  const found = await probeSizes(trials, structures, stated);
  const sizes = found[0]!;
  requireScale(file, role, stated, sizes);

  const findings: Finding[] = [
    { field: 'role', value: role, how: 'stated', evidence: 'what the file is used as' },
    { field: 'elementType', value: elementType, how: 'graph', evidence: shape },
    {
      field: 'scale',
      value: sizes.scale,
      how: stated.scale === undefined ? 'measured' : 'stated',
      evidence: `${sizes.height} x ${sizes.width} pixels become ${sizes.scale * sizes.height} x ${sizes.scale * sizes.width}`,
    },
    { field: 'size', value: sizes.size, how: sizes.how, evidence: sizes.evidence },
  ];
  if (stated.radius !== undefined)
    findings.push({
      field: 'radius',
      value: stated.radius,
      how: 'stated',
      evidence: 'not checked',
    });
  if (found.length > 1) return ambiguous(findings, found);
  const { layout } = sizes.structure;
  const how = stated.layout !== undefined ? 'stated' : structures.length > 1 ? 'measured' : 'graph';
  findings.push({ field: 'layout', value: layout, how, evidence: shape });
  const decided = decide(await tryHypotheses(trials, sizes, role), role, stated, file.name);
  return reportOf([...findings, ...decided.findings], decided.undecided);
}

function requireScale(
  file: OnnxFile,
  role: OnnxContract['role'],
  stated: OnnxStatement,
  { scale }: SizeFindings,
): void {
  const times = `the output is ${scale} times as large as the input`;
  if (stated.scale !== undefined && stated.scale !== scale)
    throw contradict(file.name, 'scale', stated.scale, times);
  if (role === 'denoiser' && scale !== 1) throw contradict(file.name, 'role', role, times);
}

/** Several layouts or noise inputs work: none of the pixels can be understood before one is stated. */
function ambiguous(findings: Finding[], found: readonly SizeFindings[]): ProbeReport {
  const undecided: Undecided[] = [];
  const layouts = [...new Set(found.map(({ structure }) => structure.layout))];
  const kinds = [...new Set(found.map(({ structure }) => structure.noise))];
  const evidence = 'the file runs with each';
  if (layouts.length > 1) undecided.push({ field: 'layout', candidates: layouts, evidence });
  if (kinds.length > 1) undecided.push({ field: 'noise', candidates: kinds, evidence });
  return reportOf(findings, undecided);
}

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
  /** Axes of the image, for evidence. */
  readonly shape: string;
}

/**
 * Reads element type, layout and noise input off a graph, as far as its axes tell.
 * @throws ModelError where no contract could fit, or a statement is contradicted.
 */
function factsOfGraph(
  file: OnnxFile,
  role: OnnxContract['role'],
  stated: OnnxStatement,
): GraphFacts {
  const { image, noise } = imageAndNoiseInputs(file);
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
    throw new ModelError(file.name, `takes ${image.axes[0]} images at once, expected one`);
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
