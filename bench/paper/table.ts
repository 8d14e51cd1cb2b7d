import type { TaskName } from '../../src/restoration/index.js';
import type { DatasetName } from './datasets.js';
import type { Places } from './places.js';

/** A table of the paper in form, with our own modules and test images. */
export type PaperTable = EvaluationTable | CountTable;

interface TableFacts {
  /** The paper's number of it. */
  readonly number: number;
  readonly title: string;
  /** What the paper says with it, in our words. */
  readonly claim: string;
  /** What a reader must know to read our scores. */
  readonly notes?: readonly string[];
}

/** A table of measured images. */
export interface EvaluationTable extends TableFacts {
  readonly kind: 'evaluation';
  readonly experiments: readonly Experiment[];
}

/** A table of counted things: parameters, work, images. */
export interface CountTable extends TableFacts {
  readonly kind: 'count';
  readonly count: (places: Places) => Promise<Counted>;
}

/** Methods on data sets, all for one task. */
export interface Experiment {
  readonly task: TaskName;
  readonly datasets: readonly DatasetName[];
  /** Makes inputs of plain images. */
  readonly degradation?: object;
  /** As `dp-ir evaluate --metrics` reads them. */
  readonly metrics: readonly string[];
  readonly rows: readonly Row[];
  readonly comparisons: readonly Comparison[];
}

/** A method. */
export interface Row {
  /** What the table calls it. */
  readonly name: string;
  /** As `dp-ir evaluate --methods` reads it, with `{NAME}` for the file of a module. */
  readonly method: string;
}

/** A statement about two rows that scores can bear out or not. */
export interface Comparison {
  readonly says: string;
  readonly row: string;
  readonly against: string;
  readonly metrics: readonly string[];
  /** `better`, or no worse than by this much in the metric's own unit. */
  readonly expected: 'better' | { readonly within: number };
}

/** What was counted, and what it says about the claim. */
export interface Counted {
  readonly tables: readonly CountedTable[];
  readonly finding: string;
}

/** Counted scores, laid out. */
export interface CountedTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly CountedRow[];
}

export interface CountedRow {
  readonly cells: readonly string[];
  /** What counts this row alone, where a command does. */
  readonly command?: string;
}

/** Names of modules that a method has between braces. */
export function modulesIn(method: string): string[] {
  return [...method.matchAll(/\{([\w-]+)\}/g)].map(([, name]) => name!);
}

/**
 * What the paper's chains are like: modules are told the noise level of the schedule rather than
 * that of the state, variance is beta_t, and results are the samples as they are.
 */
const PAPER = {
  'noise-level': 'nominal',
  variance: 'large',
  consistency: 'none',
  detail: '1',
} as const;

/** The paper's sampler: ancestral where every step from tau on is taken, DDIM for fewer. */
function samplerOf(method: string): Record<string, string> {
  const score = (key: string): number | undefined => {
    const found = new RegExp(`@${key}=(\\d+)`).exec(method);
    return found === null ? undefined : Number(found[1]);
  };
  const tau = score('tau') ?? (method.includes('@start=full') ? 1000 : undefined);
  const steps = score('steps');
  if (tau === undefined || steps === undefined) return {};
  return { sampler: steps === tau && !method.includes('@eta=') ? 'ancestral' : 'ddim' };
}

/**
 * A method with files in the place of its modules' names, and the name of its row. Packs restore as
 * the paper does wherever the row says nothing else.
 */
export function methodOf({ name, method }: Row, fileOf: (module: string) => string): string {
  if (method.startsWith('outputs:')) return method;
  const told = method.replace(/\{([\w-]+)\}/g, (_, module: string) => fileOf(module));
  const open = method.startsWith('pack:') ? Object.entries({ ...PAPER, ...samplerOf(method) }) : [];
  const rest = open.filter(([key]) => !method.includes(`@${key}=`));
  return `${told}${rest.map(([key, value]) => `@${key}=${value}`).join('')}@name=${name}`;
}
