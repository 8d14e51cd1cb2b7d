import { parseArgs } from 'node:util';
import { parseMethods } from '../src/cli/commands/evaluate-methods.js';
import { resizeBicubic } from '../src/degradation/bicubic-resize.js';
import { synthesiseBurst } from '../src/degradation/burst.js';
import { processToSrgb } from '../src/degradation/camera/camera.js';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { writeFileAtomic } from '../src/files/write-atomic.js';
import { loadPack } from '../src/models/packs.js';
import {
  joinBurst,
  joinImage,
  type Pack,
  type Restoration,
  restoreWhole,
} from '../src/restoration/index.js';
import type { Tensor } from '../src/tensor/tensor.js';
import { ParameterError } from '../src/utils/errors.js';
import { deviations, drawField, type Field, type FieldDeviation, fields } from './fields.js';
import { measuredOn } from './machine.js';

const USAGE = `npx tsx bench/flat-fields.ts [options] METHOD...
How far restored fields without detail are from what they should be: flat grey, flat colours and slow
gradients, in units of 1/255 for each channel, over several seeds.
  METHOD       as dp-ir evaluate takes it: pack:sr4, pack:deblur@tau=5@steps=5
  --seeds N    restorations of each field (default 3)
  --side N     pixels of a side of the result, a multiple of 8 (default 64)
  --frames N   of a burst (default 14)
  --fields A,B some of ${fields.map(({ name }) => name).join(', ')}
  --threads N  CPU threads (default 1)
  --json FILE  write the figures there`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '3' },
    side: { type: 'string', default: '64' },
    frames: { type: 'string', default: '14' },
    fields: { type: 'string' },
    threads: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

/** Pixels around a burst's reference that its other frames may show. */
const BURST_BORDER = 24;

const channels = ['R', 'G', 'B'] as const;

/** The figures of a method on a field. */
interface Measured {
  readonly method: string;
  readonly field: string;
  /** Of R, G and B. */
  readonly restored: readonly FieldDeviation[];
  /** The same of the restoration network alone. */
  readonly alone: readonly FieldDeviation[];
}

/** What a pack is given, and what it should make of it. */
interface Prepared {
  readonly restoration: Restoration;
  readonly target: Tensor;
}

/** As the pack's task degrades a field, without rounding. A burst has the noise of its sensor. */
function prepare(pack: Pack, field: Field, side: number, frames: number, seed: number): Prepared {
  const { task, scale } = pack.manifest;
  if (task === 'burst') {
    const image = drawField(field, side + 2 * BURST_BORDER);
    const burst = synthesiseBurst(image, { seed, frames, border: BURST_BORDER });
    const { camera } = burst;
    const raw = [...burst].map((frame) => frame.raw);
    const { restoration } = joinBurst({ frames: raw, camera }, pack, {});
    return { restoration, target: processToSrgb(burst.truth(), camera) };
  }
  const target = drawField(field, side);
  const input = scale === 1 ? target : resizeBicubic(target, { scale: 1 / scale });
  return { restoration: joinImage(input, pack), target };
}

function shortest(value: number): string {
  return value.toFixed(2);
}

function row({ method, field, restored, alone }: Measured): string {
  const cells = [
    ...channels.map((_, channel) => shortest(restored[channel]!.bias)),
    ...channels.map((_, channel) => shortest(restored[channel]!.grain)),
    shortest(rootMeanSquare(restored)),
    shortest(rootMeanSquare(alone)),
  ];
  return `| ${[method, field, ...cells].join(' | ')} |`;
}

/** Over the channels. */
function rootMeanSquare(all: readonly FieldDeviation[]): number {
  return Math.sqrt(all.reduce((sum, { rms }) => sum + rms ** 2, 0) / all.length);
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new ParameterError(name, 'a positive integer', text);
  return Number(text);
}

function chosenFields(): readonly Field[] {
  if (values.fields === undefined) return fields;
  return values.fields.split(',').map((name) => {
    const field = fields.find((each) => each.name === name.trim());
    if (field !== undefined) return field;
    throw new ParameterError('--fields', `some of ${fields.map((each) => each.name)}`, name);
  });
}

async function run(): Promise<void> {
  const [seeds, side, frames, threads] = (['seeds', 'side', 'frames', 'threads'] as const).map(
    (name) => count(`--${name}`, values[name]),
  ) as [number, number, number, number];
  if (side % 8 !== 0) throw new ParameterError('--side', 'a multiple of 8', side);
  const methods = parseMethods(positionals.join(','));
  const chosen = chosenFields();
  const runner = await createLocalRunner({ threads });
  const all: Measured[] = [];
  const day = measuredOn();
  process.stdout.write(`${day}\n\n`);
  const head = [
    ...['method', 'field', ...channels.map((name) => `bias ${name}`)],
    ...[...channels.map((name) => `grain ${name}`), 'rms', 'rms, restoration network alone'],
  ];
  process.stdout.write(`| ${head.join(' | ')} |\n| ${head.map(() => '---').join(' | ')} |\n`);
  for (const method of methods) {
    if (method.kind !== 'pack' || method.modules !== undefined)
      throw new ParameterError('METHOD', 'packs with their own modules', method.name);
    const { sampler = {}, beyondTraining = false, consistency, detail, name } = method;
    const pack = await loadPack(method.pack);
    const own: Measured[] = [];
    for (const field of chosen) {
      const restored: Tensor[] = [];
      const alone: Tensor[] = [];
      const targets: Tensor[] = [];
      for (let seed = 0; seed < seeds; seed++) {
        const { restoration, target } = prepare(pack, field, side, frames, seed);
        const finish = { consistency, detail, allowBeyondTraining: beyondTraining };
        const options = { ...sampler, ...finish, seed };
        const { image, restored: network } = await restoreWhole(restoration, runner, options);
        restored.push(image);
        alone.push(network);
        targets.push(target);
      }
      const measured = {
        ...{ method: name, field: field.name },
        restored: meanDeviations(restored, targets),
        alone: meanDeviations(alone, targets),
      };
      own.push(measured);
      process.stdout.write(`${row(measured)}\n`);
    }
    const mean = {
      ...{ method: name, field: 'all fields' },
      restored: overFields(own.map((each) => each.restored)),
      alone: overFields(own.map((each) => each.alone)),
    };
    process.stdout.write(`${row(mean)}\n`);
    all.push(...own, mean);
  }
  await runner.dispose();
  if (values.json !== undefined) {
    const facts = { measured: day, side, seeds, frames, figures: all };
    const text = `${JSON.stringify(facts, undefined, 2)}\n`;
    await writeFileAtomic(values.json, new TextEncoder().encode(text));
  }
}

/** Over seeds; targets of bursts depend on the seed's camera. */
function meanDeviations(results: readonly Tensor[], targets: readonly Tensor[]): FieldDeviation[] {
  return overFields(
    results.map((result, seed) => deviations([result], targets[seed]!)),
    'mean',
  );
}

/**
 * Root mean squares over several deviations, of bias too: shifts of opposite sign on two fields do
 * not cancel out, but over seeds of one field their mean is what counts.
 */
function overFields(
  all: readonly (readonly FieldDeviation[])[],
  bias: 'mean' | 'root mean square' = 'root mean square',
): FieldDeviation[] {
  return channels.map((_, channel) => {
    const own = all.map((each) => each[channel]!);
    const root = (name: keyof FieldDeviation) =>
      Math.sqrt(own.reduce((sum, each) => sum + each[name] ** 2, 0) / own.length);
    const mean = own.reduce((sum, each) => sum + each.bias, 0) / own.length;
    return {
      bias: bias === 'mean' ? mean : root('bias'),
      grain: root('grain'),
      rms: root('rms'),
    };
  });
}

if (values.help || positionals.length === 0) process.stdout.write(`${USAGE}\n`);
else
  await run().catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  });
