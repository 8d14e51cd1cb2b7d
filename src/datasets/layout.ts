import type { DatasetItem, DatasetTask, LayoutName, StrayFile } from './dataset.js';

/** What one split of a data set holds. */
export interface SplitContent {
  readonly items: readonly DatasetItem[];
  readonly strays: readonly StrayFile[];
}

/** A split that is there but has not been listed yet. */
export interface Split {
  /** As users ask for it; undefined where a data set is not split. */
  readonly name: string | undefined;
  readonly task: DatasetTask | undefined;
  /** Where names of folders tell it; otherwise it follows from the first pair. */
  readonly scale?: number;
  /** A further version of another split's pictures, opened only when it is asked for. */
  readonly variant?: boolean;
  list(): Promise<SplitContent>;
}

/** One way in which a data set lies on disk. */
export interface Layout {
  readonly name: LayoutName;
  /** In words, for messages: what is looked for. */
  readonly looksFor: string;
  /** The splits of a folder, by the names of its folders alone; none where it lies otherwise. */
  find(folder: string): Promise<readonly Split[]>;
}
