import type { BenchmarkItem } from '../../evaluation/benchmark/items.js';
import type { BenchmarkRecord } from '../../evaluation/benchmark/record.js';
import type { MetricFiles } from '../measure/metric-files.js';
import type { MethodSpec } from './method.js';
import type { SavedPicture } from './saved-picture.js';

/** One method on one picture with one seed. */
export interface BenchmarkUnit {
  readonly id: number;
  /** See `recordKey`. */
  readonly key: string;
  readonly dataset: string;
  readonly item: BenchmarkItem;
  /** Place in the strand's list of methods. */
  readonly method: number;
  readonly seed: number;
  /** The file that somebody's method gave for this picture. */
  readonly output?: string | undefined;
  /** What an earlier run saved of these very pixels. */
  readonly known?: SavedPicture | undefined;
  /** Where to save the picture: a path, and what records call it. */
  readonly save?: { readonly path: string; readonly name: string } | undefined;
}

/** Pictures that one engine process works on, one after another. */
export interface Strand {
  readonly units: readonly BenchmarkUnit[];
  readonly methods: readonly MethodSpec[];
  /** As `parseMetricRequest` reads them. */
  readonly metrics: readonly string[];
  readonly files: MetricFiles;
  /** Folder of sketches for metrics of sets. */
  readonly sketches: string;
  readonly device?: string | undefined;
  readonly threads?: number | undefined;
}

/** What a strand tells while it works. */
export type StrandMessage =
  | { readonly kind: 'begun'; readonly unit: number }
  | { readonly kind: 'share'; readonly unit: number; readonly share: number }
  | { readonly kind: 'record'; readonly unit: number; readonly record: BenchmarkRecord }
  | { readonly kind: 'failure'; readonly unit: number; readonly message: string };
