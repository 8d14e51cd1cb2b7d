import { roundToBytes } from '../../degradation/degradation.js';
import type { JobContext } from '../../engine/job.js';
import { writeImage } from '../../images/encode.js';
import type { ImageMetric, MetricFacts } from '../../metrics/metric.js';
import type { SetMetric } from '../../metrics/set-metrics.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { DpirError } from '../../utils/errors.js';
import { metricKey } from '../metrics/metric-definition.js';
import { type MetricFiles, openMetrics } from '../metrics/open-metrics.js';
import { commonPart, type LoadedItem, loadItem } from './items.js';
import { MethodOpener, type MethodOutput, type OpenMethod } from './open-method.js';
import { pixelDigest, readSavedImage, SketchStore } from './record-folder.js';
import type { BenchmarkRecord } from './records.js';
import type { BenchmarkUnit, Strand, StrandMessage } from './shards.js';

/** A metric that can be measured here, or why it cannot. */
export type MetricReport =
  | { readonly request: string; readonly facts: MetricFacts; readonly ofSets: boolean }
  | { readonly request: string; readonly missing: string };

/** Tells of metrics what results need to know, having made sure that they open. */
export async function describeMetrics(
  context: JobContext,
  { metrics, files }: { readonly metrics: readonly string[]; readonly files: MetricFiles },
): Promise<MetricReport[]> {
  const opened = await openMetrics(metrics, files, () => context.runner({ threads: 1 }));
  return opened.map((each) => {
    if ('missing' in each) return each;
    const ofSets = 'setMetric' in each;
    const { name, direction, range, unit, colourSpace, border, version } = ofSets
      ? each.setMetric
      : each.metric;
    const facts = { name, direction, range, unit, colourSpace, border, version };
    return { request: each.request, facts, ofSets };
  });
}

/**
 * Measures images one after another and reports each as it is done. An image that fails is
 * reported and does not stop the others; what every image would suffer from, such as a missing
 * pack, is thrown.
 */
export async function measureUnits(
  context: JobContext<StrandMessage>,
  strand: Strand,
): Promise<void> {
  const { units, methods, device, threads } = strand;
  const tell = (message: StrandMessage): void => context.progress(message);
  const opener = new MethodOpener(context, { device, threads });
  const opened = new Map<number, Promise<OpenMethod>>();
  const { metrics, setMetrics } = await openedMetrics(context, strand);
  const sketches = new SketchStore(strand.sketches);
  let loaded: { readonly unit: BenchmarkUnit; readonly item: LoadedItem } | undefined;
  for (const unit of units) {
    await context.checkpoint();
    tell({ kind: 'begun', unit: unit.id });
    const saved = unit.known === undefined ? undefined : await readSavedImage(unit.known);
    const open = async (): Promise<OpenMethod> => {
      const method = opened.get(unit.method) ?? opener.open(methods[unit.method]!);
      opened.set(unit.method, method);
      return method;
    };
    const method = saved === undefined ? await open() : async () => saved;
    try {
      const isSame =
        loaded !== undefined &&
        loaded.unit.dataset === unit.dataset &&
        loaded.unit.item.name === unit.item.name;
      if (!isSame) loaded = { unit, item: await loadItem(unit.item) };
      const onShare = throttled((share) => tell({ kind: 'share', unit: unit.id, share }));
      const { name } = methods[unit.method]!;
      const record = await measure(unit, name, {
        ...{ method, metrics, setMetrics, sketches, onShare, item: loaded!.item },
      });
      tell({ kind: 'record', unit: unit.id, record });
    } catch (error) {
      if (concernsAll(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      tell({ kind: 'failure', unit: unit.id, message });
    }
  }
}

async function openedMetrics(
  context: JobContext,
  { metrics, files, threads }: Strand,
): Promise<Pick<Measuring, 'metrics' | 'setMetrics'>> {
  const runner = () => context.runner(threads === undefined ? {} : { threads });
  const opened = await openMetrics(metrics, files, runner);
  return {
    metrics: opened.flatMap((each) => ('metric' in each ? [each.metric] : [])),
    setMetrics: opened.flatMap((each) => ('setMetric' in each ? [each.setMetric] : [])),
  };
}

interface Measuring {
  readonly method: OpenMethod;
  readonly metrics: readonly ImageMetric[];
  readonly setMetrics: readonly SetMetric[];
  readonly sketches: SketchStore;
  readonly item: LoadedItem;
  readonly onShare: (share: number) => void;
}

async function measure(
  { key, dataset, item, seed, output, save }: BenchmarkUnit,
  name: string,
  { method, metrics, setMetrics, sketches, onShare, item: { input, target } }: Measuring,
): Promise<BenchmarkRecord> {
  const { scale } = item;
  const { image, ...costs } = await method({ input, scale, seed, output, onShare });
  const rounded = inBytes(image);
  const common = commonPart(item.name, { result: rounded, target: inBytes(target) }, scale);
  const reference = sameTarget(target, common.target);
  const values: Record<string, number> = {};
  const unmeasured: Record<string, string> = {};
  const known: Record<string, { result: string; target: string }> = {};
  const attempt = async (metric: MetricFacts, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof DpirError && ['usage', 'limit'].includes(error.kind))) throw error;
      unmeasured[metricKey(metric)] = error.message;
    }
  };
  for (const metric of metrics)
    await attempt(metric, async () => {
      values[metricKey(metric)] = await metric.measure(common.result, reference);
    });
  for (const metric of setMetrics)
    await attempt(metric, async () => {
      const result = await sketches.add(metric, common.result);
      known[metricKey(metric)] = { result, target: await sketches.add(metric, reference) };
    });
  if (save !== undefined) await writeImage(save.path, { tensor: rounded, bitDepth: 8 });
  const [, height, width] = rounded.shape as [number, number, number];
  return {
    ...{ key, dataset, method: name, item: item.name, seed, width, height, values },
    ...(Object.keys(unmeasured).length === 0 ? {} : { unmeasured }),
    ...(Object.keys(known).length === 0 ? {} : { sketches: known }),
    ...(save === undefined ? {} : { image: save.name, pixels: pixelDigest(rounded) }),
    ...(costs satisfies Omit<MethodOutput, 'image'>),
  };
}

const targets = new WeakMap<Tensor, Tensor>();

/** One object for a target whatever is compared with it: metrics remember what they know of it. */
function sameTarget(target: Tensor, prepared: Tensor): Tensor {
  const known = targets.get(target);
  if (known !== undefined && known.shape.join() === prepared.shape.join()) return known;
  targets.set(target, prepared);
  return prepared;
}

/** As the image would be stored in a file of 8 bits. */
function inBytes({ shape, data }: Tensor): Tensor {
  return tensor(shape, roundToBytes(Float32Array.from(data)));
}

/** Whether no other image would fare better. */
function concernsAll(error: unknown): boolean {
  return error instanceof DpirError && ['cancelled', 'engine'].includes(error.kind);
}

const INTERVAL = 250;

function throttled(tell: (share: number) => void): (share: number) => void {
  let last = performance.now();
  return (share) => {
    const now = performance.now();
    if (now - last < INTERVAL) return;
    last = now;
    tell(share);
  };
}
