import { roundToBytes } from '../../degradation/degradation.js';
import type { JobContext } from '../../engine/job.js';
import { writeImage } from '../../images/encode.js';
import { type MetricFacts, metricFacts, metricKey, type OpenMetric } from '../../metrics/metric.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import { type Tensor, tensor } from '../../tensor/tensor.js';
import { DpirError } from '../../utils/errors.js';
import { type MetricFiles, openMetrics } from '../metrics/open-metrics.js';
import { commonPart, type LoadedItem, loadItem } from './items.js';
import { MethodOpener, type MethodOutput, type OpenMethod } from './open-method.js';
import { pixelDigest, readSavedImage, SketchStore } from './record-folder.js';
import type { BenchmarkUnit, Shard, ShardMessage } from './shards.js';

/** A metric that can be measured here, or why it cannot. */
type MetricReport =
  | { readonly request: string; readonly facts: MetricFacts; readonly ofSets: boolean }
  | { readonly request: string; readonly missing: string };

/** Opens metrics and describes those that can be measured here. */
export async function describeMetrics(
  context: JobContext,
  { metrics, files }: { readonly metrics: readonly string[]; readonly files: MetricFiles },
): Promise<MetricReport[]> {
  const opened = await openMetrics(metrics, files, () => context.runner({ threads: 1 }));
  return opened.map((each) => {
    if ('missing' in each) return each;
    const { request, metric } = each;
    return { request, facts: metricFacts(metric), ofSets: metric.input === 'set' };
  });
}

/**
 * Measures images one after another and reports each when it is done. Failed images are reported
 * and the rest continue; what concerns every image, such as a missing pack, is thrown.
 */
export async function measureUnits(context: JobContext<ShardMessage>, shard: Shard): Promise<void> {
  const { units, methods, device, threads } = shard;
  const report = (message: ShardMessage): void => context.progress(message);
  const opener = new MethodOpener(context, { device, threads });
  const opened = new Map<number, Promise<OpenMethod>>();
  const metrics = await openedMetrics(context, shard);
  const sketches = new SketchStore(shard.sketches);
  let loaded: { readonly unit: BenchmarkUnit; readonly item: LoadedItem } | undefined;
  for (const unit of units) {
    await context.checkpoint();
    report({ kind: 'begun', unit: unit.id });
    const saved = unit.saved === undefined ? undefined : await readSavedImage(unit.saved);
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
      const onShare = throttled((share) => report({ kind: 'share', unit: unit.id, share }));
      const { name } = methods[unit.method]!;
      const record = await measure(unit, name, {
        ...{ method, metrics, sketches, onShare, item: loaded!.item },
      });
      report({ kind: 'record', unit: unit.id, record });
    } catch (error) {
      if (concernsAll(error)) throw error;
      const message = error instanceof Error ? error.message : String(error);
      report({ kind: 'failure', unit: unit.id, message });
    }
  }
}

async function openedMetrics(
  context: JobContext,
  { metrics, files, threads }: Shard,
): Promise<OpenMetric[]> {
  const runner = () => context.runner(threads === undefined ? {} : { threads });
  const opened = await openMetrics(metrics, files, runner);
  return opened.flatMap((each) => ('metric' in each ? [each.metric] : []));
}

interface Measuring {
  readonly method: OpenMethod;
  readonly metrics: readonly OpenMetric[];
  readonly sketches: SketchStore;
  readonly item: LoadedItem;
  readonly onShare: (share: number) => void;
}

async function measure(
  { key, dataset, item, seed, output, save }: BenchmarkUnit,
  name: string,
  { method, metrics, sketches, onShare, item: { input, target } }: Measuring,
): Promise<BenchmarkRecord> {
  const { scale } = item;
  const { image, ...costs } = await method({ input, scale, seed, output, onShare });
  const rounded = inBytes(image);
  const common = commonPart(item.name, { result: rounded, target: inBytes(target) }, scale);
  const reference = sameTarget(target, common.target);
  const values: Record<string, number> = {};
  const unmeasured: Record<string, string> = {};
  const sketched: Record<string, { result: string; target: string }> = {};
  for (const metric of metrics) {
    const column = metricKey(metric);
    try {
      if (metric.input === 'set') {
        const result = await sketches.add(metric, common.result);
        sketched[column] = { result, target: await sketches.add(metric, reference) };
      } else values[column] = await metric.measure(common.result, reference);
    } catch (error) {
      if (!(error instanceof DpirError && ['usage', 'limit'].includes(error.kind))) throw error;
      unmeasured[column] = error.message;
    }
  }
  if (save !== undefined) await writeImage(save.path, { tensor: rounded, bitDepth: 8 });
  const [, height, width] = rounded.shape as [number, number, number];
  return {
    ...{ key, dataset, method: name, item: item.name, seed, width, height, values },
    ...(Object.keys(unmeasured).length === 0 ? {} : { unmeasured }),
    ...(Object.keys(sketched).length === 0 ? {} : { sketches: sketched }),
    ...(save === undefined ? {} : { image: save.name, pixels: pixelDigest(rounded) }),
    ...(costs satisfies Omit<MethodOutput, 'image'>),
  };
}

const targets = new WeakMap<Tensor, Tensor>();

/** One tensor for a target whatever is compared with it: metrics cache by tensor. */
function sameTarget(target: Tensor, prepared: Tensor): Tensor {
  const cached = targets.get(target);
  if (cached !== undefined && cached.shape.join() === prepared.shape.join()) return cached;
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

function throttled(report: (share: number) => void): (share: number) => void {
  let last = performance.now();
  return (share) => {
    const now = performance.now();
    if (now - last < INTERVAL) return;
    last = now;
    report(share);
  };
}
