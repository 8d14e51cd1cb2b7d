import type { RunRecord, TimedValidation } from './run-record.js';
import { smoothed } from './series.js';

/** A run in figures; what it does not have is null. */
export interface RunSummary {
  readonly run: string;
  readonly folder: string;
  readonly step: number;
  readonly steps: number | null;
  readonly hours: number;
  /** Smoothed. */
  readonly loss: number | null;
  /** Medians over the lines of the log. */
  readonly patchesPerSecond: number | null;
  readonly idleShare: number | null;
  readonly best: { readonly step: number; readonly psnr: number } | null;
  readonly parameters: number | null;
  readonly macsPerStep: number | null;
  readonly weights: readonly string[];
  readonly recipe: RunRecord['recipe'] | null;
  readonly progress: RunRecord['progress'];
  readonly validations: RunRecord['validations'];
  readonly warnings: RunRecord['warnings'];
}

/** What the report says of a run, as data. */
export function summarise(run: RunRecord): RunSummary {
  const { progress, validations } = run;
  const last = progress.at(-1);
  const losses = progress.map(({ step, loss }) => ({ step, hours: 0, value: loss }));
  const best = bestOf(validations);
  return {
    run: run.name,
    folder: run.folder,
    step: last?.step ?? 0,
    steps: last?.steps ?? run.recipe?.steps ?? null,
    hours: (last?.seconds ?? 0) / 3600,
    loss: smoothed(losses).at(-1)?.value ?? null,
    patchesPerSecond: median(progress.map((entry) => entry.samplesPerSecond)),
    idleShare: median(progress.map((entry) => entry.batchShare)),
    best: best === undefined ? null : { step: best.step, psnr: best.validation.psnr },
    parameters: run.cost?.parameters ?? null,
    macsPerStep: run.cost?.macs ?? null,
    weights: run.weights.map(({ path }) => path),
    recipe: run.recipe ?? null,
    progress,
    validations,
    warnings: run.warnings,
  };
}

function bestOf(validations: readonly TimedValidation[]): TimedValidation | undefined {
  return validations.reduce<TimedValidation | undefined>(
    (best, entry) =>
      best === undefined || entry.validation.psnr > best.validation.psnr ? entry : best,
    undefined,
  );
}

function median(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}
