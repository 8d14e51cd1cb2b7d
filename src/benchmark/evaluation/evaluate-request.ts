import type { LayoutName } from '../../datasets/dataset.js';
import type { MethodComparison } from '../../reports/tables/compare-methods.js';
import type { BenchmarkRecord, EvaluateFailure } from '../../reports/tables/record.js';
import type { ResultTable } from '../../reports/tables/result-table.js';
import type { SetScore, SummaryRow } from '../../reports/tables/summarise.js';
import type { TaskName } from '../../restoration/index.js';
import type { MetricFiles } from '../metrics/open-metrics.js';
import type { MethodSpec } from './method.js';

/** What is to be measured, where, and into which folder. */
export interface EvaluateRequest {
  /** Folders of data sets. */
  readonly datasets: readonly string[];
  /** Folder of the results, created if missing. Results already in it are reused. */
  readonly output: string;
  readonly methods: readonly MethodSpec[];
  /** As `parseMetricRequest` reads them, such as `psnr:y:4` or `swd`. */
  readonly metrics: readonly string[];
  /** Where metrics find weights; default: the folder of pulled models. */
  readonly metricFiles?: MetricFiles | undefined;
  /** Default: 0 alone. Methods that draw nothing run once. */
  readonly seeds?: readonly number[] | undefined;
  /** The method that all others are compared with, by its name; default: none is. */
  readonly compare?: string | undefined;
  /** Bootstrap resamples behind intervals; default 2000. */
  readonly resamples?: number | undefined;
  /** What packs must be for; `sr4` also says how inputs are made of plain images. */
  readonly task?: TaskName | undefined;
  readonly layout?: LayoutName | undefined;
  readonly split?: string | undefined;
  /** Makes inputs of targets, or of plain images. */
  readonly degradation?:
    | {
        readonly settings: unknown;
        readonly seed: number;
        /** Where the settings come from, for commands. */
        readonly file?: string | undefined;
      }
    | undefined;
  /** File with the names of the images to take, see `readNameList`; each data set must have them. */
  readonly list?: string | undefined;
  /** Most images of each data set. */
  readonly limit?: number | undefined;
  /** Engine processes; default 1. Scores but times do not depend on it. */
  readonly parallel?: number | undefined;
  readonly device?: string | undefined;
  /** CPU threads of each process; default: the cores shared among them. */
  readonly threads?: number | undefined;
  readonly saveImages?: boolean | undefined;
  /**
   * Squares that the page shows in all versions. Images are saved where it needs them: of the
   * examples that are named, of all where squares are to be found. Default: three of each data set
   * are found where images are saved, none where they are not.
   */
  readonly crops?: CropChoice | undefined;
}

/** How far an evaluation has come. */
export interface EvaluateProgress {
  /** Work so far and in all, in a unit of its own. */
  readonly done: number;
  readonly total: number;
  /** Images, counted once for each method and seed. */
  readonly finished: number;
  readonly images: number;
  /** What is being measured, in words. */
  readonly note: string;
}

/** A summary with the command that measures it alone. */
export interface EvaluatedRow extends SummaryRow {
  readonly command: string;
}

/** All scores. */
export interface EvaluateResult {
  readonly rows: readonly EvaluatedRow[];
  readonly tables: readonly ResultTable[];
  readonly records: readonly BenchmarkRecord[];
  /** Scores of metrics of sets with their resamples. */
  readonly setScores: readonly {
    readonly dataset: string;
    readonly method: string;
    /** See `metricKey`. */
    readonly metric: string;
    readonly score: SetScore;
  }[];
  /** Differences from the method that others are compared with, where one is named. */
  readonly comparisons: readonly MethodComparison[];
  /** The same laid out, one table for each data set. */
  readonly comparisonTables: readonly ResultTable[];
  readonly failures: readonly EvaluateFailure[];
  /** Images that a metric cannot judge, such as ones without flat areas, though it judges others. */
  readonly unmeasured: readonly EvaluateFailure[];
  /** Requested metrics that cannot be measured here, with the reason. */
  readonly missing: readonly { readonly request: string; readonly missing: string }[];
  /** Images whose scores were there from an earlier run. */
  readonly reused: number;
}

/** A square of a result in pixels. */
export interface CropSquare {
  /** Name of the example, as records have it. */
  readonly item: string;
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** What results are shown enlarged. */
export interface CropChoice {
  readonly given: readonly CropSquare[];
  /** Squares of each data set that are found where methods differ most, on different images. */
  readonly automatic: number;
}

/** Squares found for each data set by default, if images are saved. */
export const USUAL_CROPS = 3;

/** The requested crops, or the default ones if images are saved. */
export function cropChoice({
  crops,
  saveImages = false,
}: {
  readonly crops?: CropChoice | undefined;
  readonly saveImages?: boolean | undefined;
}): CropChoice {
  return crops ?? { given: [], automatic: saveImages ? USUAL_CROPS : 0 };
}

/** Whether crops need the results of an example as images. */
export function needsImage(item: string, { given, automatic }: CropChoice): boolean {
  return automatic > 0 || given.some((square) => square.item === item);
}
