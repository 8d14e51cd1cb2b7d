import { z } from 'zod';
import type { MeasuredTime, TimedPart } from '../../benchmark/cost/measure-time.js';
import type { CostSubject } from '../../benchmark/cost/open-subject.js';
import { csvText } from '../../files/quoting.js';
import {
  COST_RULE,
  type LayerShare,
  networkCost,
  networkLayers,
  type PixelSize,
} from '../../restoration/cost/network-cost.js';
import { type PackCost, packCost, packLayers } from '../../restoration/cost/pack-cost.js';
import { restoreOptions } from '../../restore-files/options.js';
import { DEFAULT_PACK } from '../../restore-files/restore-request.js';
import { ParameterError } from '../../utils/errors.js';
import { type CliCommand, type CommandContext, exitCodes } from '../command.js';
import { bytesText, scaled, whole } from '../format.js';
import { parseOptions, positive } from '../options.js';
import { checkpointShape, STORE_FLAG, STORE_HELP, storeOption } from './models/model-options.js';
import { addRestoreOptions, restoreShape } from './restore/restore-options.js';

/** Options that it shares with restorations. */
const names = ['steps', 'tau', 'tile', 'device', 'threads'] as const;
/** Side of the tile on which a network alone is timed. */
const TIMED_TILE = 256;
/** Measurements expected to take longer, in seconds, are announced. */
const LONG = 5;

/** Counts parameters, multiply-adds and memory of a pack or network, and measures its time. */
export const command: CliCommand = {
  name: 'cost',
  configure: (command) =>
    addRestoreOptions(command, names, {
      help: { device: 'for --time: see dp-ir devices', threads: 'for --time: CPU threads' },
    })
      .argument(
        '[model]',
        'a pack, a checkpoint, or a network by its name, without weights',
        DEFAULT_PACK,
      )
      .option('--size <WxH>', 'of the input (default: the one for a result of 1280x720)')
      .option('--frames <n>', 'of a burst, for networks that take any number')
      .option('--per-layer', 'list the operators in order')
      .option('--time', 'measure the seconds of a run on this machine, too')
      .option('--config <json>', 'configuration of a network')
      .option('--csv', 'figures as CSV; with --per-layer the operators')
      .option(STORE_FLAG, STORE_HELP),
  run: async (context) => {
    const options = parseOptions(costOptions, context.options);
    if (options.csv && context.options.json === true)
      throw new ParameterError('--csv', 'one of --csv and --json', 'both');
    const { openSubject } = await import('../../benchmark/cost/open-subject.js');
    const subject = await openSubject(context.arguments[0] as string, options);
    if (subject.kind === 'pack') await reportPack(subject, options, context);
    else await reportNetwork(subject, options, context);
    return exitCodes.done;
  },
};

async function reportPack(
  { pack, folder }: Extract<CostSubject, { kind: 'pack' }>,
  options: CostOptions,
  context: CommandContext,
): Promise<void> {
  const cost = packCost(pack, options);
  const layers = options.perLayer ? packLayers(pack, options) : [];
  const timed = await time(
    { kind: 'pack', folder },
    cost.parts.map(({ part, tile: { width, height } }) => ({ part, tile: { width, height } })),
    options,
    context,
  );
  const rows = packRows(cost, timed?.seconds);
  const { input, result, settings, regions } = cost;
  const title = `${cost.pack}: ${cost.task}, ${input.width}x${input.height} to ${result.width}x${result.height}, tau ${settings.tau}, ${settings.steps} steps`;
  const inRegions = regions === 1 ? [] : [`in ${regions} regions, one after another`];
  reportCost({ ...cost, rows }, { title, rows, layers, timed }, options, context, [
    flopsText(cost),
    ...inRegions,
  ]);
}

async function reportNetwork(
  subject: Extract<CostSubject, { kind: 'network' }>,
  options: CostOptions,
  context: CommandContext,
): Promise<void> {
  for (const name of ['steps', 'tau', 'tile'] as const)
    if (options[name] !== undefined)
      throw new ParameterError(`--${name}`, 'a pack, no network alone', options[name]);
  const { network, statedConfig } = subject;
  const cost = networkCost(subject, options.size);
  const { input, macs, macsPerPixel, parameters, activationBytes, outputShape } = cost;
  const layers = options.perLayer
    ? [{ part: network.name, layers: networkLayers(subject, options.size) }]
    : [];
  const { minimum } = network.sizeRule(subject.config);
  const side = (extent: number): number => Math.min(extent, Math.max(TIMED_TILE, minimum));
  const tile = { width: side(input.width), height: side(input.height) };
  const timed = await time(
    { kind: 'network', name: network.name, config: statedConfig },
    [{ part: 'network', tile }],
    options,
    context,
  );
  const measured = timed?.seconds[0];
  const share = measured === undefined ? 0 : macs / networkCost(subject, tile).macs;
  const row: CostRow = {
    ...{ part: 'network', network: network.name, per: 'run', parameters, macs, macsPerPixel },
    ...{ activationBytes, tile: { ...input, count: 1 } },
    seconds: measured === undefined ? null : measured * share,
  };
  const title = `${network.name}: ${input.width}x${input.height} to [${outputShape.join(', ')}], ${JSON.stringify(statedConfig)}`;
  const notes =
    measured === undefined
      ? []
      : [
          `${measured.toPrecision(3)} s measured on ${tile.width}x${tile.height}, times ${Number(share.toPrecision(3))} by its MAC`,
        ];
  reportCost(
    { ...cost, rows: [row] },
    { title, rows: [row], layers, timed },
    options,
    context,
    notes,
  );
}

function reportCost(
  value: object,
  shown: {
    readonly title: string;
    readonly rows: readonly CostRow[];
    readonly layers: readonly PartLayers[];
    readonly timed: MeasuredTime | undefined;
  },
  { csv, perLayer }: CostOptions,
  { report }: CommandContext,
  notes: readonly string[],
): void {
  const { title, rows, layers, timed } = shown;
  const device = timed === undefined ? {} : { device: timed.device };
  const complete = {
    ...value,
    ...device,
    ...(perLayer ? { layers } : {}),
    countingRule: COST_RULE,
  };
  if (csv) {
    report.result(complete, perLayer ? csvOfLayers(layers) : csvOfRows(rows));
    report.message(COST_RULE);
    return;
  }
  const timing =
    timed === undefined
      ? []
      : [
          `seconds: one warm run of the largest tile of each part on ${timed.device.effective} (${timed.device.threads} threads), times its tiles`,
        ];
  report.result(complete, costText(title, rows, layers, [...notes, ...timing]));
}

async function time(
  subject:
    | { readonly kind: 'pack'; readonly folder: string }
    | { readonly kind: 'network'; readonly name: string; readonly config: unknown },
  parts: readonly TimedPart[],
  { time: isWanted, frames, device = restoreOptions.device.default, threads }: CostOptions,
  { report, signal }: CommandContext,
): Promise<MeasuredTime | undefined> {
  if (!isWanted) return undefined;
  const { measureTime } = await import('../../benchmark/cost/measure-time.js');
  return measureTime(
    { subject, frames, parts, device, threads },
    {
      signal,
      onExpected: ({ part, expected }) => {
        if (expected > LONG)
          report.message(`timing ${part}, which takes about ${Math.round(expected)} s`);
      },
    },
  );
}

const size = z
  .string()
  .regex(/^[1-9]\d{0,4}x[1-9]\d{0,4}$/, 'WIDTHxHEIGHT such as 320x180')
  .transform((text) => {
    const [width, height] = text.split('x').map(Number) as [number, number];
    return { width, height };
  });

/** What `dp-ir cost` takes. */
export const costOptions = z.object({
  size: size.optional(),
  ...restoreShape(names),
  frames: positive.optional(),
  perLayer: z.boolean().default(false),
  time: z.boolean().default(false),
  csv: z.boolean().default(false),
  config: checkpointShape.config,
  store: storeOption,
});

export type CostOptions = z.infer<typeof costOptions>;

/** Parts and sums, one a line, as RFC 4180 has it but for the last line's end. */
export function csvOfRows(rows: readonly CostRow[]): string {
  const head =
    'part,network,per,parameters,macs,macs_per_pixel,activation_bytes,tile_width,tile_height,tiles,seconds';
  const lines = rows.map(({ tile, ...row }) => [
    ...[row.part, row.network, row.per, row.parameters, row.macs, row.macsPerPixel],
    ...[row.activationBytes, tile?.width, tile?.height, tile?.count, row.seconds],
  ]);
  return csvText([head.split(','), ...lines]);
}

/** Operators, one a line. */
export function csvOfLayers(parts: readonly PartLayers[]): string {
  const lines = parts.flatMap(({ part, layers }) =>
    layers.map(({ operator, path, shape, macs, parameters, share }) => [
      ...[part, operator, path, shape.join('x'), macs, parameters, share],
    ]),
  );
  const head = ['part', 'operator', 'path', 'shape', 'macs', 'parameters', 'share'];
  return csvText([head, ...lines]);
}

/** A module, or a part of one, as a line of the table. */
export interface CostRow {
  readonly part: string;
  readonly network: string;
  readonly per: 'image' | 'evaluation' | 'restoration' | 'run';
  readonly parameters: number | null;
  readonly macs: number;
  readonly macsPerPixel: number;
  readonly activationBytes: number | null;
  readonly tile: (PixelSize & { readonly count: number }) | null;
  /** Seconds over all tiles, where they were measured. */
  readonly seconds: number | null;
}

/** The operators of a part. */
export interface PartLayers {
  readonly part: string;
  readonly layers: readonly LayerShare[];
}

/**
 * The lines of a pack: its parts, both sums and the whole.
 * @param tileSeconds of each part on its largest tile.
 */
export function packRows(cost: PackCost, tileSeconds?: readonly number[]): CostRow[] {
  const pixels = cost.result.width * cost.result.height;
  const parts = cost.parts.map((part, index): CostRow => {
    const { tile, network, macs, macsPerPixel, activationBytes, per, tileMacs } = part;
    const measured = tileSeconds?.[index];
    return {
      part: part.part === 'known' ? 'fusion (x_IR)' : part.part,
      ...{ network, per, macs, macsPerPixel, activationBytes, tile },
      parameters: part.part === 'known' ? null : cost.parameters[part.part],
      seconds: measured === undefined ? null : (measured * macs) / tileMacs,
    };
  });
  const secondsPer = (wanted: CostRow['per']): number | null =>
    tileSeconds === undefined
      ? null
      : parts.reduce((sum, { per, seconds }) => sum + (per === wanted ? (seconds ?? 0) : 0), 0);
  const [once, each] = [secondsPer('image'), secondsPer('evaluation')];
  const total = (part: string, per: CostRow['per'], macs: number, seconds: number | null) => ({
    ...{ part, network: '', per, parameters: null, macs, macsPerPixel: macs / pixels },
    ...{ activationBytes: null, tile: null, seconds },
  });
  return [
    ...parts,
    total('a: once', 'image', cost.once, once),
    total('b: each evaluation', 'evaluation', cost.perEvaluation, each),
    {
      ...total(
        `a + b x ${cost.evaluations}`,
        'restoration',
        cost.macs,
        once === null || each === null ? null : once + cost.evaluations * each,
      ),
      parameters: cost.parameters.total,
      activationBytes: cost.activationBytes,
    },
  ];
}

/** The table of a pack or network with its title and the counting rule. */
export function costText(
  title: string,
  rows: readonly CostRow[],
  layers: readonly PartLayers[],
  notes: readonly string[],
): string {
  const isTimed = rows.some(({ seconds }) => seconds !== null);
  const head = ['part', 'network', 'parameters', 'MAC', 'MAC/pixel', 'memory', 'tiles'];
  const body = rows.map((row) => [
    row.part,
    row.network,
    row.parameters === null ? '' : whole(row.parameters),
    scaled(row.macs),
    scaled(row.macsPerPixel),
    row.activationBytes === null ? '' : bytesText(row.activationBytes),
    row.tile === null ? '' : `${row.tile.count} x ${row.tile.width}x${row.tile.height}`,
    ...(isTimed ? [row.seconds === null ? '' : row.seconds.toPrecision(3)] : []),
  ]);
  return [
    title,
    aligned([isTimed ? [...head, 'seconds'] : head, ...body], 2),
    ...notes,
    COST_RULE,
    ...layers.map(layersText),
  ].join('\n');
}

/** Table 9 of the paper: floating-point operations as a + b x evaluations. */
export function flopsText({ once, perEvaluation, evaluations, nfe, macs, isRough }: PackCost) {
  const tera = (value: number): string => Number(((2 * value) / 1e12).toPrecision(4)).toString();
  const about = isRough ? ' (approximate: the work of an ONNX file is estimated)' : '';
  return (
    `TFLOP: ${tera(once)} + ${tera(perEvaluation)} x evaluations, ` +
    `${tera(macs)} with ${evaluations} (NFE ${nfe})${about}`
  );
}

function layersText({ part, layers }: PartLayers): string {
  const rows = layers.map(({ operator, path, shape, macs, parameters, share }) => [
    operator,
    path,
    shape.join('x'),
    macs === 0 ? '' : scaled(macs),
    parameters === 0 ? '' : whole(parameters),
    macs === 0 ? '' : `${(100 * share).toFixed(2)} %`,
  ]);
  const head = ['operator', 'parameters at', 'output', 'MAC', 'parameters', 'share'];
  const title = `\n${part}, ${layers.length} operators, on one tile`;
  return `${title}\n${aligned([head, ...rows], 2)}`;
}

/** Aligned columns, the first few to the left. */
function aligned(rows: readonly (readonly string[])[], left: number): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column < left ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
