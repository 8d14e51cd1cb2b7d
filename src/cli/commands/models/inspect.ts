import { z } from 'zod';
import { findModel } from '../../../models/export-model.js';
import {
  type InspectedFile,
  type InspectedPack,
  inspectFile,
  inspectPack,
  type OnnxFacts,
} from '../../../models/inspect-model.js';
import { findPack } from '../../../models/packs.js';
import type { ProbeReport } from '../../../restoration/index.js';
import { COUNTING_RULE, type ModuleFacts, type Tiling } from '../../../weights/describe-module.js';
import { type CliCommand, exitCodes } from '../../command.js';
import { bytesText, scaled, whole } from '../../format.js';
import { parseOptions } from '../../options.js';
import {
  addCheckpointOptions,
  checkpointOptions,
  checkpointShape,
  STORE_FLAG,
  STORE_HELP,
  storeOption,
} from './model-options.js';

const optionsSchema = z.object({ ...checkpointShape, store: storeOption });

/** Describes a checkpoint, a metric, an ONNX file or a pack. */
export const command: CliCommand = {
  name: 'inspect',
  configure: (command) =>
    addCheckpointOptions(command)
      .argument('<model>', 'a file, a stored model, a pack')
      .option(STORE_FLAG, STORE_HELP),
  run: async ({ arguments: [model], options, report }) => {
    const { store, ...decoding } = parseOptions(optionsSchema, options);
    const pack = await findPack(model as string);
    if (pack === undefined) {
      const path = await findModel(model as string, store);
      const facts = await inspectFile(path, checkpointOptions(decoding));
      if (facts.kind === 'onnx' || facts.kind === 'part') {
        report.result(facts, fileText(facts));
        return exitCodes.done;
      }
      report.result({ ...facts, countingRule: COUNTING_RULE }, fileText(facts));
    } else {
      const facts = await inspectPack(pack);
      report.result({ ...facts, countingRule: COUNTING_RULE }, packText(facts));
    }
    report.message(`MAC: ${COUNTING_RULE}`);
    return exitCodes.done;
  },
};

type Line = readonly [string, string];

/** A described file as people read it. */
function fileText(file: InspectedFile): string {
  const known = file.catalogue === undefined ? '' : `, ${file.catalogue} in the catalogue`;
  return table(`${file.file}: ${file.architecture}`, [
    ...factLines(file),
    ['file', `${bytesText(file.bytes)}, sha256 ${file.sha256}`],
    ['licence', `${file.licence}${known}`],
  ]);
}

/** A described pack as people read it. */
function packText({ folder, manifest, modules }: InspectedPack): string {
  const { name, task, scale, sampler, tMax, tile, description } = manifest;
  const head = table(`${folder}: pack ${name}`, [
    ...(description === undefined ? [] : [['purpose', description] as const]),
    ['task', `${task}, scale ${scale}`],
    ['sampler', `tau ${sampler.tau}, ${sampler.steps} steps, trained up to t ${tMax}`],
    ['tile', `${tile} pixels`],
  ]);
  const parts = Object.entries(modules).map(([role, facts]) =>
    table(`${role}: ${facts.architecture}`, moduleLines(facts)),
  );
  return [head, ...parts].join('\n');
}

function factLines(file: InspectedFile): Line[] {
  switch (file.kind) {
    case 'network':
    case 'onnx':
      return moduleLines(file);
    case 'perceptual':
      return [
        ['configuration', JSON.stringify(file.configuration)],
        ['parameters', whole(file.parameters)],
        ['judges', file.images === 1 ? 'one image' : 'an image by its reference'],
        ['better', file.better],
        ['size', `at least ${file.minimum} pixels`],
        ['work', `${scaled(file.macsPerMegapixel)}MAC per megapixel`],
      ];
    case 'part':
      return [
        ['holds', `a part of a metric: ${file.tensors} tensors, ${whole(file.parameters)} numbers`],
      ];
  }
}

function moduleLines(facts: ModuleFacts | OnnxFacts): Line[] {
  return 'operators' in facts ? onnxLines(facts) : networkLines(facts);
}

function networkLines(facts: ModuleFacts): Line[] {
  const { size, fixedSize, frames } = facts;
  const channels = `${facts.inputChannels} channels in, ${facts.outputChannels} out`;
  const sizes = fixedSize ? `${size.minimum} x ${size.minimum} pixels only` : sizeText(size);
  return [
    ['configuration', JSON.stringify(facts.configuration)],
    ['parameters', whole(facts.parameters)],
    ['role', facts.role ?? 'none: not for RGB images'],
    [
      'images',
      `${channels}, scale ${facts.scale}${frames === undefined ? '' : `, ${frames} frames`}`,
    ],
    ['size', sizes],
    ['tiling', tilingText(facts.tiling)],
    ['work', `${scaled(facts.macsPerMegapixel)}MAC per megapixel of input`],
    [
      'memory',
      `${bytesText(4 * facts.parameters)} of weights, ${bytesText(facts.activationBytesPerMegapixel)} per megapixel of input`,
    ],
  ];
}

function onnxLines({
  inputs,
  output,
  opset,
  producer,
  nodes,
  parameters,
  operators,
}: OnnxFacts): Line[] {
  const value = ({ name, elementType, axes }: OnnxFacts['output']): string =>
    `${name}: ${elementType} [${axes?.join(', ') ?? '?'}]`;
  const most = Object.entries(operators).slice(0, 6);
  return [
    ['parameters', whole(parameters)],
    ['inputs', inputs.map(value).join('; ')],
    ['output', value(output)],
    ['graph', `${nodes} nodes: ${most.map(([name, count]) => `${count} ${name}`).join(', ')}`],
    ['format', `operator set ${opset}${producer === '' ? '' : `, written by ${producer}`}`],
  ];
}

function sizeText({ multiple, minimum }: ModuleFacts['size']): string {
  if (multiple === 1) return minimum === 1 ? 'any' : `at least ${minimum} pixels`;
  return `multiples of ${multiple}, at least ${minimum}; others are padded`;
}

function tilingText(tiling: Tiling): string {
  switch (tiling.kind) {
    case 'exact':
      return `exact with ${tiling.radius} pixels around each tile`;
    case 'approximate':
      return 'changes pixels a little';
    case 'unsafe':
      return 'changes every pixel: it pools over the whole image';
  }
}

function table(title: string, lines: readonly Line[]): string {
  return [title, ...lines.map(([name, text]) => `  ${name.padEnd(14)} ${text}`)].join('\n');
}

/** What a probe found out, a line for each entry of the contract. */
export function probeText(file: string, { findings, undecided }: ProbeReport): string {
  const text = (value: unknown): string =>
    typeof value === 'string' ? value : JSON.stringify(value);
  return [
    `${file}: probed`,
    ...findings.map(
      ({ field, value, how, evidence }) => `  ${field} ${text(value)} (${how}: ${evidence})`,
    ),
    ...undecided.map(
      ({ field, candidates, evidence }) =>
        `  ${field}: ${candidates.map(text).join(' or ')}? (${evidence})`,
    ),
  ].join('\n');
}
