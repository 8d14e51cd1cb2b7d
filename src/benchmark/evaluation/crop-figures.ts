import { join } from 'node:path';
import type { Engine } from '../../engine/engine.js';
import { defineJob } from '../../engine/job.js';
import type { CropFigure } from '../../reports/evaluation-page.js';
import type { BenchmarkRecord } from '../../reports/tables/record.js';
import { InputError, ParameterError } from '../../utils/errors.js';
import type { CropTask, ShownItem } from './crop-job.js';
import {
  type CropSquare,
  cropChoice,
  type EvaluateRequest,
  type EvaluateResult,
} from './evaluate-request.js';
import { type BenchmarkItem, loadItem } from './items.js';
import type { Plan } from './plan.js';

const cropJob = defineJob<typeof import('./crop-job.js').cutCrops>(
  new URL('./crop-job.js', import.meta.url),
  'cutCrops',
);

/** Side in pixels of squares that are found. */
const SIDE = 96;
/** Images of a data set that are searched, those whose figures differ most. */
const SEARCHED = 12;

/**
 * Refuses squares of no example, and those that go beyond its target, before anything is measured.
 * @throws ParameterError
 */
export async function requireCrops(request: EvaluateRequest, { datasets }: Plan): Promise<void> {
  const { given, automatic } = cropChoice(request);
  if (!(Number.isInteger(automatic) && automatic >= 0))
    throw new ParameterError('crops', 'a number of squares', automatic);
  const items = datasets.flatMap((dataset) => dataset.items);
  for (const square of given) {
    const named = items.filter(({ name }) => name === square.item);
    if (named.length === 0)
      throw new ParameterError('crops', `examples such as ${items[0]?.name}`, square.item);
    for (const item of named) await requireWithin(square, item);
  }
}

async function requireWithin(square: CropSquare, item: BenchmarkItem): Promise<void> {
  const { left, top, size } = square;
  const target = await loadItem(item).then(
    (loaded) => loaded.target,
    (error) => {
      // It fails once more when it is measured, and is reported then.
      if (error instanceof InputError) return undefined;
      throw error;
    },
  );
  if (target === undefined) return;
  const [, height, width] = target.shape as [number, number, number];
  const isWhole = [left, top, size].every((value) => Number.isInteger(value) && value >= 0);
  if (!isWhole || size < 1 || left + size > width || top + size > height)
    throw new ParameterError(
      'crops',
      `a square within the ${width} x ${height} pixels of ${item.name}`,
      `${left},${top},${size}`,
    );
}

/**
 * The crops of a page, cut in an engine process; none where no images are saved.
 * @param metric by which images are chosen that are searched for squares, as records name it.
 */
export async function cropFigures(
  engine: Engine,
  request: EvaluateRequest,
  { datasets }: Plan,
  { records }: Pick<EvaluateResult, 'records'>,
  metric: string | undefined,
  signal: AbortSignal | undefined,
): Promise<CropFigure[]> {
  const { given, automatic } = cropChoice(request);
  if (given.length === 0 && automatic === 0) return [];
  const recordsOf = byItem(records);
  const shown = datasets.map(({ name, items }) =>
    items.flatMap((item) => {
      const own = shownItem(request, name, item, recordsOf(name, item.name));
      return own === undefined ? [] : [own];
    }),
  );
  const rangeOf = ({ dataset, item }: ShownItem): number =>
    valueRange(recordsOf(dataset, item.name).flatMap(({ values }) => values[metric ?? ''] ?? []));
  const task: CropTask = {
    given: given.flatMap(({ item, left, top, size }) =>
      shown
        .flat()
        .filter((own) => own.item.name === item)
        .map((own) => ({ shown: own, area: { left, top, width: size, height: size } })),
    ),
    searched: shown
      .filter((items) => automatic > 0 && items.length > 0)
      .map((items) => ({
        items: ordered(items, rangeOf).slice(0, Math.max(SEARCHED, automatic)),
        ...{ count: automatic, size: SIDE },
      })),
  };
  if (task.given.length + task.searched.length === 0) return [];
  return engine.run(cropJob, task, { signal });
}

/** An example with the images of the first seed of each method that has one. */
function shownItem(
  { methods, output }: EvaluateRequest,
  dataset: string,
  item: BenchmarkItem,
  records: readonly BenchmarkRecord[],
): ShownItem | undefined {
  const images = methods.flatMap(({ name: method }) => {
    const [own] = records
      .filter((record) => record.method === method && record.image !== undefined)
      .sort((a, b) => a.seed - b.seed);
    return own === undefined ? [] : [{ method, path: join(output, own.image!) }];
  });
  return images.length === 0 ? undefined : { dataset, item, images };
}

function byItem(
  records: readonly BenchmarkRecord[],
): (dataset: string, item: string) => readonly BenchmarkRecord[] {
  const keyOf = (dataset: string, item: string): string => JSON.stringify([dataset, item]);
  const found = new Map<string, BenchmarkRecord[]>();
  for (const record of records) {
    const key = keyOf(record.dataset, record.item);
    const own = found.get(key) ?? [];
    own.push(record);
    found.set(key, own);
  }
  return (dataset, item) => found.get(keyOf(dataset, item)) ?? [];
}

/** Distance of the greatest from the least finite value. */
function valueRange(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? 0 : Math.max(...finite) - Math.min(...finite);
}

/** The greatest first. */
function ordered<Entry>(entries: readonly Entry[], scoreOf: (entry: Entry) => number): Entry[] {
  const values = new Map(entries.map((entry) => [entry, scoreOf(entry)]));
  return [...entries].sort((a, b) => values.get(b)! - values.get(a)!);
}
