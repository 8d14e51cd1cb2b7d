import { z } from 'zod';
import { integerAt, uniformAt } from '../../src/tensor/random.js';
import { ParameterError } from '../../src/utils/errors.js';

/** Pixels of a side of a crop; it is shown three times as large. */
export const CROP = 96;

export const regionsSchema = z.array(
  z.strictObject({
    category: z.string().min(1),
    image: z.string().min(1),
    /** Left, top, right and bottom in pixels. */
    box: z.tuple([z.int(), z.int(), z.int(), z.int()]),
  }),
);

/** A part of an image that shows something of one kind. */
export type Region = z.infer<typeof regionsSchema>[number];

/** A crop of `CROP` pixels that is judged. */
export interface Crop {
  readonly category: string;
  readonly image: string;
  readonly left: number;
  readonly top: number;
}

const [ORDER, PLACE] = [1, 2];

/**
 * Crops to be judged: a function of regions, seed and count alone. Categories take turns, each with
 * its regions in a random order, so that none is left out.
 * @throws ParameterError for more crops than regions, or a region smaller than a crop.
 */
export function chooseCrops(regions: readonly Region[], seed: number, count: number): Crop[] {
  if (count > regions.length)
    throw new ParameterError('count', `at most ${regions.length}, the number of regions`, count);
  const shuffled = regions
    .map((region, index) => ({ region, rank: uniformAt(seed, ORDER, index) }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ region }) => region);
  const categories = [...new Set(regions.map(({ category }) => category))];
  const queues = new Map(
    categories.map((name) => [name, shuffled.filter(({ category }) => category === name)]),
  );
  const crops: Crop[] = [];
  while (crops.length < count)
    for (const queue of queues.values()) {
      const region = queue.shift();
      if (region === undefined || crops.length === count) continue;
      crops.push(place(region, seed, crops.length));
    }
  return crops;
}

function place({ category, image, box }: Region, seed: number, index: number): Crop {
  const [left, top, right, bottom] = box;
  const [across, down] = [right - left - CROP + 1, bottom - top - CROP + 1];
  if (across < 1 || down < 1)
    throw new ParameterError('box', `${CROP} pixels or more on each side`, box);
  return {
    ...{ category, image },
    left: left + integerAt(seed, PLACE, 2 * index, across),
    top: top + integerAt(seed, PLACE, 2 * index + 1, down),
  };
}

/** Which side shows the sample, and of a control pair the target. */
export type Side = 'left' | 'right';

/** What the sides of the pairs show; written apart from them. */
export interface Key {
  readonly pairs: Readonly<Record<string, { readonly side: Side; readonly control: boolean }>>;
}

/** The sides that a judge preferred, by the names of the pairs. */
export type Votes = Readonly<Record<string, Side>>;

/** How often samples were preferred. */
export interface Outcome {
  /** Pairs whose sample most judges preferred, of how many. */
  readonly preferred: number;
  readonly pairs: number;
  /** Of each judge: samples preferred, and control pairs judged rightly. */
  readonly judges: readonly { readonly preferred: number; readonly controls: number }[];
  readonly controls: number;
}

/**
 * Counts the votes of several judges.
 * @throws ParameterError for a pair without a vote.
 */
export function countVotes({ pairs }: Key, judges: readonly Votes[]): Outcome {
  const names = Object.keys(pairs);
  for (const [index, votes] of judges.entries())
    for (const name of names)
      if (votes[name] !== 'left' && votes[name] !== 'right')
        throw new ParameterError(
          `votes of judge ${index + 1}`,
          `left or right for ${name}`,
          votes[name],
        );
  const hits = (name: string): number =>
    judges.filter((votes) => votes[name] === pairs[name]!.side).length;
  const judged = names.filter((name) => !pairs[name]!.control);
  const controls = names.filter((name) => pairs[name]!.control);
  return {
    preferred: judged.filter((name) => 2 * hits(name) > judges.length).length,
    pairs: judged.length,
    judges: judges.map((votes) => ({
      preferred: judged.filter((name) => votes[name] === pairs[name]!.side).length,
      controls: controls.filter((name) => votes[name] === pairs[name]!.side).length,
    })),
    controls: controls.length,
  };
}
