import type { LayoutName } from '../../datasets/dataset.js';
import type { MethodComparison } from '../../evaluation/benchmark/compare-methods.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import type { SetFigure } from '../../evaluation/benchmark/set-figure.js';
import type { SummaryRow } from '../../evaluation/benchmark/summarise.js';
import type { ResultTable } from '../../evaluation/benchmark/table.js';
import type { TaskName } from '../../restoration/index.js';
import type { MetricFiles } from '../measure/metric-files.js';
import type { CropChoice } from './crops/crop-choice.js';
import type { MethodSpec } from './method.js';

/** What is to be measured, where, and into which folder. */
export interface EvaluateRequest {
  /** Folders of data sets. */
  readonly datasets: readonly string[];
  /** Folder of the results, made where it is missing; what is measured in it already stays so. */
  readonly output: string;
  readonly methods: readonly MethodSpec[];
  /** As `parseBenchmarkMetric` reads them, such as `psnr:y:4` or `swd`. */
  readonly metrics: readonly string[];
  /** Where metrics find weights; default: the folder of pulled models. */
  readonly metricFiles?: MetricFiles | undefined;
  /** Default: 0 alone. Methods that draw nothing run once. */
  readonly seeds?: readonly number[] | undefined;
  /** The method that all others are compared with, by its name; default: none is. */
  readonly compare?: string | undefined;
  /** Bootstrap resamples behind intervals; default 2000. */
  readonly resamples?: number | undefined;
  /** What packs must be for; `sr4` also says how inputs are made of plain pictures. */
  readonly task?: TaskName | undefined;
  readonly layout?: LayoutName | undefined;
  readonly split?: string | undefined;
  /** Makes inputs of targets, or of plain pictures. */
  readonly degradation?:
    | {
        readonly settings: unknown;
        readonly seed: number;
        /** Where the settings come from, for commands. */
        readonly file?: string | undefined;
      }
    | undefined;
  /** File with the names of the pictures to take, see `readNameList`; each data set must have them. */
  readonly list?: string | undefined;
  /** Most pictures of each data set. */
  readonly limit?: number | undefined;
  /** Engine processes; default 1. Figures but times do not depend on it. */
  readonly parallel?: number | undefined;
  readonly device?: string | undefined;
  /** CPU threads of each process; default: the cores shared among them. */
  readonly threads?: number | undefined;
  readonly savePictures?: boolean | undefined;
  /**
   * Squares that the page shows in all versions. Pictures are kept where it needs them: of the
   * examples that are named, of all where squares are to be found. Default: three of each data set
   * are found where pictures are saved, none where they are not.
   */
  readonly crops?: CropChoice | undefined;
}

/** A picture that a method could not be measured on. */
export interface EvaluateFailure {
  readonly dataset: string;
  readonly method: string;
  readonly item: string;
  readonly seed: number;
  readonly message: string;
}

/** How far an evaluation has come. */
export interface EvaluateProgress {
  /** Work so far and in all, in a unit of its own. */
  readonly done: number;
  readonly total: number;
  /** Pictures, counted once for each method and seed. */
  readonly finished: number;
  readonly pictures: number;
  /** What is being measured, in words. */
  readonly note: string;
}

/** A summary with the command that measures it alone. */
export interface EvaluatedRow extends SummaryRow {
  readonly command: string;
}

/** All figures. */
export interface EvaluateResult {
  readonly rows: readonly EvaluatedRow[];
  readonly tables: readonly ResultTable[];
  readonly records: readonly BenchmarkRecord[];
  /** Figures of metrics of sets with their resamples. */
  readonly setFigures: readonly {
    readonly dataset: string;
    readonly method: string;
    /** See `metricKey`. */
    readonly metric: string;
    readonly figure: SetFigure;
  }[];
  /** Differences from the method that others are compared with, where one is named. */
  readonly comparisons: readonly MethodComparison[];
  /** The same laid out, one table for each data set. */
  readonly comparisonTables: readonly ResultTable[];
  readonly failures: readonly EvaluateFailure[];
  /** Pictures that a metric cannot judge, such as ones without flat areas, though it judges others. */
  readonly unmeasured: readonly EvaluateFailure[];
  /** Metrics that were asked for and cannot be measured here, with the reason. */
  readonly missing: readonly { readonly request: string; readonly missing: string }[];
  /** Pictures whose figures were there from an earlier run. */
  readonly reused: number;
}
