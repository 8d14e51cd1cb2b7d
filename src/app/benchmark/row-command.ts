import { basename } from 'node:path';
import { storeFolder } from '../pull/store.js';
import { asPath, shellLine } from '../shell-words.js';
import type { MethodFacts } from './describe-method.js';
import type { EvaluateRequest } from './evaluate-request.js';
import type { MethodSpec } from './method.js';

/** One method on one data set, as it was measured. */
export interface MeasuredRow {
  readonly folder: string;
  readonly method: MethodSpec;
  readonly metrics: readonly string[];
  readonly facts: MethodFacts;
}

/**
 * The command that measures a row alone, into a folder of its own beside that of the results, with
 * nothing that matters left to defaults. Paths are as they were given.
 */
export function rowCommand(
  request: EvaluateRequest,
  { folder, method, metrics, facts }: MeasuredRow,
): string {
  const {
    output,
    task,
    layout,
    split,
    list,
    limit,
    degradation,
    device = 'cpu',
    seeds = [0],
  } = request;
  const { metricFiles, resamples } = request;
  const words = ['dp-ir', 'evaluate', asPath(folder)];
  const own = `${method.name} ${basename(folder)}`.replace(/[^\w.+-]+/g, '-');
  words.push('-o', asPath(`${output.replace(/[\\/]+$/, '')}-${own}`));
  if (task !== undefined) words.push('--task', task);
  words.push('--methods', methodText(method, facts), '--metrics', metrics.join(','));
  if (facts.isRandom) words.push('--seeds', seeds.join(','));
  if (resamples !== undefined) words.push('--resamples', String(resamples));
  if (degradation !== undefined) {
    words.push('--degradation', asPath(degradation.file ?? JSON.stringify(degradation.settings)));
    words.push('--degradation-seed', String(degradation.seed));
  }
  if (layout !== undefined) words.push('--layout', layout);
  if (split !== undefined) words.push('--split', split);
  if (list !== undefined) words.push('--list', asPath(list));
  if (limit !== undefined) words.push('--limit', String(limit));
  if (metricFiles?.naturalScenes !== undefined)
    words.push('--natural-scenes', asPath(metricFiles.naturalScenes));
  if (metricFiles !== undefined && metricFiles.store !== storeFolder())
    words.push('--store', asPath(metricFiles.store));
  words.push('--device', device);
  return shellLine(words);
}

/** A method as `--methods` reads it. */
export function methodText(
  method: MethodSpec,
  { sampler, result }: Pick<MethodFacts, 'sampler' | 'result'>,
): string {
  switch (method.kind) {
    case 'bicubic':
    case 'input':
      return withName(method.kind, method.kind, method.name);
    case 'outputs':
      return `outputs:${method.name}=${method.folder}`;
    default: {
      const { kind, pack, modules = {}, tile, frames, beyondTraining, name } = method;
      const settings: Record<string, string | number | true | undefined> = {
        ...(sampler && { tau: sampler.tau, steps: sampler.steps, start: sampler.start }),
        ...(sampler && { sampler: sampler.sampler }),
        ...(sampler?.sampler === 'ddim' && { eta: sampler.eta }),
        ...(sampler && { variance: sampler.variance, 'noise-level': sampler.noiseLevel }),
        ...(result && { consistency: result.consistency, detail: result.detail }),
        ...modules,
        ...{ tile, frames, 'beyond-training': beyondTraining === true ? 'true' : undefined },
      };
      const parts = Object.entries(settings).flatMap(([key, value]) =>
        value === undefined ? [] : [`@${key}=${value}`],
      );
      return withName(`${kind}:${pack}`, `${kind}:${pack}${parts.join('')}`, name);
    }
  }
}

function withName(usual: string, text: string, name: string): string {
  return name === usual ? text : `${text}@name=${name}`;
}
