import {
  createSchedule,
  resolveSampler,
  type SamplerRequest,
  type SamplerSettings,
} from '../../diffusion/index.js';
import { sizeOf } from '../../tensor/tensor.js';
import { ParameterError } from '../../utils/errors.js';
import { declaredParameters } from '../../weights/module-file.js';
import { isOnnx, type Pack, type TaskName, taskOf } from '../index.js';
import { moduleGraph } from '../pack-graphs.js';
import {
  DEFAULT_RESULT,
  graphCost,
  inputFor,
  type LayerShare,
  layerShares,
  type PixelSize,
  requirePixels,
} from './network-cost.js';
import {
  networkOf,
  type PackWork,
  type PartName,
  type PartTiles,
  packWork,
  partGraph,
  partsOf,
  timesOf,
} from './pack-parts.js';

/** The restoration to count; every option has a default, most of them the pack's. */
export interface PackCostOptions extends SamplerRequest {
  /** Of the degraded image or mosaic; default: the one for a result of 1280 x 720. */
  readonly size?: PixelSize | undefined;
  /** Largest side of a tile in pixels of the networks' output. */
  readonly tile?: number | undefined;
}

/** What one part of a restoration takes. */
export interface PartCost {
  readonly part: PartName;
  readonly network: string;
  /** How often it is computed. */
  readonly per: 'image' | 'evaluation';
  /** Multiply-adds over all tiles. */
  readonly macs: number;
  /** Multiply-adds for each pixel of the result. */
  readonly macsPerPixel: number;
  /** On the largest tile; `null` for ONNX files, whose graphs are not read. */
  readonly activationBytes: number | null;
  /** The largest tile, in pixels of the part's input (of one frame), and how many tiles there are. */
  readonly tile: PartTiles;
  /** Multiply-adds on the largest tile. */
  readonly tileMacs: number;
}

/** What a restoration takes: `once` + `perEvaluation` x evaluations. */
export interface PackCost {
  readonly pack: string;
  readonly task: TaskName;
  /** The degraded image or mosaic. */
  readonly input: PixelSize;
  readonly result: PixelSize;
  readonly settings: SamplerSettings;
  readonly parameters: Readonly<Record<'restorer' | 'denoiser' | 'fusion' | 'total', number>>;
  readonly parts: readonly PartCost[];
  /** Multiply-adds for an image, whatever the number of evaluations. */
  readonly once: number;
  /** Multiply-adds of each evaluation of denoiser and fusion network. */
  readonly perEvaluation: number;
  readonly evaluations: number;
  /** Evaluations and one of the restoration network. */
  readonly nfe: number;
  /** Multiply-adds of the whole restoration. */
  readonly macs: number;
  /** Most on one tile, denoiser and fusion network being one graph; `null` with ONNX files. */
  readonly activationBytes: number | null;
  /** Regions that go through the chain one after another. */
  readonly regions: number;
  /** True where multiply-adds are a rough figure, because a module is an ONNX file. */
  readonly isRough: boolean;
}

/**
 * What a restoration takes, cut into regions and tiles as it would be. Nothing runs; the modules'
 * weights are not looked at.
 * @throws ParameterError for a size, tile or sampler settings out of range.
 */
export function packCost(pack: Pack, options: PackCostOptions = {}): PackCost {
  const { manifest } = pack;
  const plan = planOf(pack, options);
  const { settings, input, result, work } = plan;
  const parts = partsOf(pack).map((part) => partCost(pack, part, work, result));
  const once = work.macs.restorer + work.macs.known;
  const perEvaluation = work.macs.denoiser + work.macs.fusion + work.knownAgain;
  return {
    pack: manifest.name,
    task: manifest.task,
    ...{ input, result, settings, parameters: parametersOf(pack), parts, once, perEvaluation },
    evaluations: settings.steps,
    nfe: settings.steps + 1,
    macs: once + perEvaluation * settings.steps,
    activationBytes: wholePeak(pack, parts, work),
    regions: work.regions,
    isRough: work.isRough,
  };
}

/** The operators of each part on its largest tile, in the order of evaluation; none of ONNX files. */
export function packLayers(
  pack: Pack,
  options: PackCostOptions = {},
): { readonly part: PartName; readonly layers: readonly LayerShare[] }[] {
  const { work } = planOf(pack, options);
  return partsOf(pack).map((part) => {
    const { height, width } = tilesOf(part, work);
    const graph = partGraph(pack, part, height, width);
    return { part, layers: graph === undefined ? [] : layerShares(graph) };
  });
}

function planOf(pack: Pack, { size, tile = pack.manifest.tile, ...sampler }: PackCostOptions) {
  const { manifest } = pack;
  const { cell } = taskOf(manifest.task).input;
  const input = size ?? inputFor(DEFAULT_RESULT, manifest.scale);
  requirePixels(input);
  if (input.width % cell !== 0 || input.height % cell !== 0)
    throw new ParameterError('size', `multiples of ${cell}, a cell of the mosaic`, size);
  const { settings } = resolveSampler(sampler, {
    schedule: createSchedule(),
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: true,
  });
  const { scale } = manifest;
  const places = { width: input.width / cell, height: input.height / cell };
  const result = { width: input.width * scale, height: input.height * scale };
  return { settings, input, result, work: packWork(pack, places, settings.steps, tile) };
}

function partCost(pack: Pack, part: PartName, work: PackWork, result: PixelSize): PartCost {
  const tile = tilesOf(part, work);
  const graph = partGraph(pack, part, tile.height, tile.width);
  const macs = work.macs[part];
  return {
    part,
    network: networkOf(pack, part),
    per: timesOf(part),
    macs,
    macsPerPixel: macs / (result.width * result.height),
    activationBytes: graph === undefined ? null : graphCost(graph).activationBytes,
    tile,
    tileMacs: work.tileMacs[part],
  };
}

function tilesOf(part: PartName, { tiles }: PackWork): PartTiles {
  return tiles[part === 'restorer' ? 'restorer' : 'evaluation'];
}

function wholePeak(pack: Pack, parts: readonly PartCost[], { tiles }: PackWork): number | null {
  const known = parts.map(({ activationBytes }) => activationBytes);
  if (known.includes(null)) return null;
  const { height, width } = tiles.evaluation;
  const { output } = moduleGraph(pack, 'evaluate', height, width);
  const joint = graphCost(output).activationBytes;
  return Math.max(joint, ...known.map((bytes) => bytes ?? 0));
}

function parametersOf(pack: Pack): PackCost['parameters'] {
  const of = (role: 'restorer' | 'denoiser' | 'fusion'): number => {
    const module = pack[role];
    if (isOnnx(module)) return module.file.parameters;
    const declared = [...declaredParameters(module.network, module.config).values()];
    return declared.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  };
  const [restorer, denoiser, fusion] = [of('restorer'), of('denoiser'), of('fusion')];
  return { restorer, denoiser, fusion, total: restorer + denoiser + fusion };
}
