/** Layouts of data sets on disk, most specific first: the order in which they are tried. */
export const layoutNames = [
  'synthetic-burst',
  'burst-sr',
  'sidd',
  'div2k',
  'gopro',
  'hide',
  'pairs',
  'images',
] as const;

/** A layout of data sets on disk. */
export type LayoutName = (typeof layoutNames)[number];

/** The task that a data set is made for. */
export type DatasetTask = 'sr' | 'deblur' | 'burst' | 'denoise';

/** One example. All paths are absolute. */
export interface DatasetItem {
  /** Unique in its data set: the path below its split, without extension. */
  readonly name: string;
  /** The degraded image, or the frames of a burst with the reference first. */
  readonly inputs: readonly string[];
  /** The ground truth; absent where the data set withholds it or has inputs only. */
  readonly target?: string;
  /** A file with metadata of camera and noise. */
  readonly metadata?: string;
}

/** An image, or the folder of a burst, that has no partner, or a name that another has too. */
export interface StrayFile {
  readonly file: string;
  /** In words: what is missing or wrong. */
  readonly reason: string;
}

/** A data set as a list of files; no image is in memory. */
export interface ImageDataset {
  readonly layout: LayoutName;
  /** Absolute. */
  readonly folder: string;
  /** Undefined where the layout leaves it open. */
  readonly task: DatasetTask | undefined;
  /** Pixels of a target per pixel of an input along each axis; for a burst, of its RGB grid. */
  readonly scale: number;
  /** In the order of their names, numbers by their value. */
  readonly items: readonly DatasetItem[];
  /** Images that are in no item, and bursts that are incomplete. */
  readonly strays: readonly StrayFile[];
}

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
  /** Where names of folders state it; otherwise it is derived from the first pairs. */
  readonly scale?: number;
  /** A further version of another split's images, opened only when it is asked for. */
  readonly variant?: boolean;
  list(): Promise<SplitContent>;
}

/** A layout of data sets on disk. */
export interface Layout {
  readonly name: LayoutName;
  /** In words, for messages: what is looked for. */
  readonly looksFor: string;
  /** The splits of a folder, by the names of its folders alone; none where it lies otherwise. */
  find(folder: string): Promise<readonly Split[]>;
}
