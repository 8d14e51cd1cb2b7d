import type { GraphRunner } from '../../graph/graph-runner.js';
import type { OnnxFile } from '../../weights/onnx/decode-onnx.js';
import type { OnnxContract, OnnxStatement } from '../../weights/onnx/onnx-module.js';
import { keyOfOnnx } from '../run-onnx.js';
import { decide } from './decide.js';
import { tryHypotheses } from './hypotheses.js';
import { contradict, type Finding, type ProbeReport, reportOf, type Undecided } from './report.js';
import { probeSizes, type SizeFindings } from './sizes.js';
import { factsOfGraph } from './structure.js';
import { Trials } from './trial.js';

export { type Finding, type ProbeReport, requireContract, type Undecided } from './report.js';

/**
 * Finds out how an ONNX file wants its pictures, by its graph and by running it on smooth pictures
 * of known colours: for a restorer the output must be the picture itself, enlarged, for a denoiser
 * the picture under noise. What is stated is checked. What cannot be decided is said.
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
