import { shippedPacks } from '../../app/packs/find-pack.js';
import { storeFolder } from '../../app/pull/store.js';
import type { EvaluateRequest } from '../../benchmark/evaluation/evaluate-request.js';
import type { MethodSpec } from '../../benchmark/evaluation/method.js';
import { parseBenchmarkMetric, usualMetrics } from '../../benchmark/metrics/request.js';
import { readInputText } from '../../files/input-file.js';
import type { MetricSettings } from '../../metrics/metric.js';
import { ParameterError } from '../../tensor/errors.js';
import type { EvaluateCliOptions } from './evaluate-options.js';
import { parseCrops } from './parse-crops.js';
import { METHODS_HELP, parseMethods } from './parse-methods.js';

/**
 * What the options ask for.
 * @throws ParameterError
 */
export async function evaluateRequest(
  datasets: readonly string[],
  options: EvaluateCliOptions,
): Promise<EvaluateRequest> {
  const { steps: _steps, tau: _tau, space: _space, border: _border, ...rest } = options;
  const { degradation, degradationSeed, naturalScenes, store, crops, ...own } = rest;
  return {
    ...own,
    datasets,
    methods: await methodsOf(options),
    metrics: metricsOf(options),
    crops: parseCrops(crops),
    metricFiles: {
      store: store ?? storeFolder(),
      ...(naturalScenes === undefined ? {} : { naturalScenes }),
    },
    ...(degradation === undefined
      ? {}
      : {
          degradation: {
            settings: await readSettings(degradation),
            seed: degradationSeed,
            file: degradation,
          },
        }),
  };
}

/** Without a list: no network, then the shipped pack of the task, its first network alone and whole. */
async function methodsOf({ methods, task, tau, steps }: EvaluateCliOptions): Promise<MethodSpec[]> {
  const usual = { tau, steps };
  if (methods !== undefined) return parseMethods(methods, usual);
  if (task === undefined)
    throw new ParameterError('--methods', METHODS_HELP, 'neither methods nor a --task');
  const baseline = task === 'deblur' ? 'input' : 'bicubic';
  const hasPack = (await shippedPacks()).includes(task);
  return parseMethods(hasPack ? `${baseline},restorer:${task},pack:${task}` : baseline, usual);
}

/** Without a list: the usual ones, and for super-resolution those on luma inside the border as well. */
function metricsOf({ metrics, task, space, border }: EvaluateCliOptions): string[] {
  const defaults: MetricSettings = {
    ...(space === undefined ? {} : { colourSpace: space === 'y' ? 'luma' : 'rgb' }),
    ...(border === undefined ? {} : { border }),
  };
  const labels =
    metrics === undefined
      ? usualMetrics(true, defaults).map(({ label }) => label)
      : metrics.split(',').map((metric) => parseBenchmarkMetric(metric, defaults).label);
  const isPlain = metrics === undefined && space === undefined && border === undefined;
  if (isPlain && task === 'sr4') labels.unshift('psnr:y:4', 'ssim:y:4');
  return labels;
}

async function readSettings(given: string): Promise<unknown> {
  const expected = 'a JSON file of a degradation, or JSON';
  try {
    return JSON.parse(
      given.trimStart().startsWith('{') ? given : await readInputText(given, 2 ** 20),
    );
  } catch (cause) {
    const reason = cause instanceof SyntaxError ? 'It is no JSON.' : 'It cannot be read.';
    throw new ParameterError('--degradation', expected, given, reason);
  }
}
