import type { MeasuredTime, TimedPart } from '../../benchmark/cost/measure-time.js';
import { COST_RULE, networkCost, networkLayers } from '../../benchmark/cost/network-cost.js';
import type { CostSubject } from '../../benchmark/cost/open-subject.js';
import { packCost, packLayers } from '../../benchmark/cost/pack-cost.js';
import { ParameterError } from '../../tensor/errors.js';
import type { CliCommand, CommandContext } from '../command.js';
import { type CostOptions, costOptions } from '../cost/cost-options.js';
import { csvOfLayers, csvOfRows } from '../cost/csv.js';
import { type CostRow, type PartLayers, packRows } from '../cost/figures.js';
import { costText, flopsText } from '../cost/texts.js';
import { exitCodes } from '../exit-codes.js';
import { STORE_FLAG, STORE_HELP } from '../models/store-option.js';
import { parseOptions } from '../options.js';

/** Side of the tile on which a network alone is timed. */
const TIMED_TILE = 256;
/** Measuring that may take longer, in seconds, is announced. */
const LONG = 5;

/** Tells what a pack or a network takes: parameters, work, memory and, measured, time. */
export const command: CliCommand = {
  name: 'cost',
  configure: (command) =>
    command
      .description('count parameters, multiply-adds and memory of a pack or network, or time it')
      .argument('[model]', 'a pack, a checkpoint, or a network by its name, without weights', 'sr4')
      .option('--size <WxH>', 'of the input (default: the one for a result of 1280x720)')
      .option('--frames <n>', 'of a burst, for networks that take any number')
      .option('--steps <n>', 'evaluations of denoiser and fusion network (default: the pack)')
      .option('--tau <t>', 'time the chain starts at (default: the pack)')
      .option('--tile <pixels>', 'largest side of a tile of the result (default: the pack)')
      .option('--per-layer', 'list the operators in order')
      .option('--time', 'measure the seconds of a run on this machine, too')
      .option('--config <json>', 'configuration of a network')
      .option('--csv', 'figures as CSV; with --per-layer the operators')
      .option('--device <name>', 'for --time: see dp-ir devices', 'cpu')
      .option('--threads <n>', 'for --time: CPU threads (default: all cores)')
      .option(STORE_FLAG, STORE_HELP),
  run: async (context) => {
    const options = parseOptions(costOptions, context.options);
    if (options.csv && context.options.json === true)
      throw new ParameterError('--csv', 'one of --csv and --json', 'both');
    const { openSubject } = await import('../../benchmark/cost/open-subject.js');
    const subject = await openSubject(context.arguments[0] as string, options);
    if (subject.kind === 'pack') await tellPack(subject, options, context);
    else await tellNetwork(subject, options, context);
    return exitCodes.done;
  },
};

async function tellPack(
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
  tell({ ...cost, rows }, { title, rows, layers, timed }, options, context, [
    flopsText(cost),
    ...inRegions,
  ]);
}

async function tellNetwork(
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
  tell({ ...cost, rows: [row] }, { title, rows: [row], layers, timed }, options, context, notes);
}

function tell(
  value: object,
  told: {
    readonly title: string;
    readonly rows: readonly CostRow[];
    readonly layers: readonly PartLayers[];
    readonly timed: MeasuredTime | undefined;
  },
  { csv, perLayer }: CostOptions,
  { report }: CommandContext,
  notes: readonly string[],
): void {
  const { title, rows, layers, timed } = told;
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
  { time: isWanted, frames, device, threads }: CostOptions,
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
