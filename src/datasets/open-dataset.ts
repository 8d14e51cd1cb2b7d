import { resolve } from 'node:path';
import { InputError, ParameterError } from '../utils/errors.js';
import {
  type DatasetItem,
  type ImageDataset,
  type Layout,
  type LayoutName,
  layoutNames,
  type Split,
  type SplitContent,
} from './dataset.js';
import { pairScale } from './image-pairs.js';
import { burstSr, syntheticBurst } from './layouts/bursts.js';
import { images, pairs } from './layouts/generic.js';
import { div2k, gopro, hide, sidd } from './layouts/paired.js';
import { joinContents, splitName } from './list-folder.js';

/** How a data set is to be opened. */
export interface OpenDatasetOptions {
  /** Found out from the names of folders and files unless given. */
  readonly layout?: LayoutName;
  /**
   * Such as `train`, `valid` or `test`, or `all`; needed only where there are several, so that
   * nobody trains on test images without knowing.
   */
  readonly split?: string;
}

/**
 * Opens a data set: finds out how it lies on disk and lists its files. Images are not read, but
 * for the headers of a few pairs where nothing else states the scale.
 *
 * @throws InputError where the folder cannot be read or holds no such data set.
 * @throws ParameterError for an unknown layout or split, or where one of several must be chosen.
 */
export async function openDataset(
  folder: string,
  options: OpenDatasetOptions = {},
): Promise<ImageDataset> {
  const root = resolve(folder);
  const { layout, splits } = await findLayout(root, options.layout);
  const chosen = chooseSplits(splits, options.split);
  const contents: SplitContent[] = [];
  for (const split of chosen) contents.push(await contentOf(split, chosen.length > 1));
  const { items, strays } = joinContents(contents);
  if (items.length === 0 && strays.length === 0)
    throw new InputError(root, `holds no images in the layout ${layout.name}`, {
      expected: layout.looksFor,
    });
  const first = chosen[0]!;
  return {
    layout: layout.name,
    folder: root,
    task: first.task,
    scale: first.scale ?? (await pairScale(layout.name, items)),
    items,
    strays,
  };
}

async function findLayout(
  folder: string,
  name: LayoutName | undefined,
): Promise<{ layout: Layout; splits: readonly Split[] }> {
  if (name !== undefined && !layoutNames.includes(name))
    throw new ParameterError('layout', `one of ${layoutNames.join(', ')}`, name);
  for (const layout of name === undefined ? Object.values(layouts) : [layouts[name]]) {
    const splits = await layout.find(folder);
    if (splits.length > 0) return { layout, splits };
  }
  throw new InputError(
    folder,
    name === undefined
      ? `holds no data set; expected ${layouts.images.looksFor}, or one of the layouts ${layoutNames.join(', ')}`
      : `does not lie like ${name}; expected ${layouts[name].looksFor}`,
  );
}

function chooseSplits(splits: readonly Split[], asked: string | undefined): readonly Split[] {
  const usual = splits.filter(({ variant }) => !variant);
  const names = splits.flatMap(({ name }) => name ?? []);
  if (asked === 'all') return usual;
  if (asked === undefined) {
    if (usual.length > 1)
      throw new ParameterError('split', `one of ${names.join(', ')}, or all`, 'none');
    return usual;
  }
  const wanted = splits.filter(
    ({ name }) => name === splitName(asked) || name?.toLowerCase() === asked.toLowerCase(),
  );
  if (wanted.length === 0)
    throw new ParameterError(
      'split',
      names.length === 0 ? 'none: this data set has no splits' : `one of ${names.join(', ')}`,
      asked,
    );
  return wanted;
}

/** Names in several splits may be the same, so they begin with that of the split. */
async function contentOf(split: Split, several: boolean): Promise<SplitContent> {
  const { items, strays } = await split.list();
  if (!several) return { items, strays };
  const inSplit = (item: DatasetItem): DatasetItem => ({
    ...item,
    name: `${split.name}/${item.name}`,
  });
  return { items: items.map(inSplit), strays };
}

/** Every layout by its name, in the order in which a folder is tried. */
const layouts: Readonly<Record<LayoutName, Layout>> = {
  'synthetic-burst': syntheticBurst,
  'burst-sr': burstSr,
  sidd,
  div2k,
  gopro,
  hide,
  pairs,
  images,
};
