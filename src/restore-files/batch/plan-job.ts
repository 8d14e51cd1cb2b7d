import type { JobContext } from '../../engine/job.js';
import { readImageHeader } from '../../images/source.js';
import { packCost } from '../../restoration/cost/pack-cost.js';
import type { RestoreRequest } from '../restore-request.js';
import { openSession } from '../restore-session.js';
import type { ImageWork, RestoreUpdate } from '../time-left.js';

/** Sizes whose work is counted; that of others follows from their pixels. */
const COUNTED_SIZES = 48;

/**
 * The work of restoring each of some images, from their headers; undefined for those that cannot
 * be read, which fail when it is their turn.
 * @throws what concerns all of them: a pack, device or setting that is none.
 */
export async function countWork(
  context: JobContext<RestoreUpdate>,
  { inputs, ...request }: RestoreRequest & { readonly inputs: readonly string[] },
): Promise<(ImageWork | undefined)[]> {
  const { pack, options, samples } = await openSession(context, request);
  const counted = new Map<string, ImageWork & { readonly pixels: number }>();
  const works: (ImageWork | undefined)[] = [];
  for (const input of inputs) {
    await context.checkpoint();
    const header = await readImageHeader(input).catch(() => undefined);
    works.push(header && workOf(header));
  }
  return works;

  function workOf({ width, height }: { readonly width: number; readonly height: number }) {
    const key = `${width}x${height}`;
    const known = counted.get(key);
    if (known !== undefined) return known;
    const pixels = width * height;
    if (counted.size >= COUNTED_SIZES) {
      const [nearest] = [...counted.values()].sort(
        (a, b) => Math.abs(Math.log(a.pixels / pixels)) - Math.abs(Math.log(b.pixels / pixels)),
      );
      const more = pixels / nearest!.pixels;
      return { restoring: nearest!.restoring * more, sampling: nearest!.sampling * more };
    }
    const { tile, samples: _samples, onProgress: _onProgress, ...sampler } = options;
    const cost = packCost(pack, { ...sampler, size: { width, height }, tile });
    const restoring = cost.parts.find(({ part }) => part === 'restorer')!.macs;
    const evaluations = cost.evaluations * samples.chains;
    const sampling = cost.once - restoring + cost.perEvaluation * evaluations;
    const work = { restoring, sampling, pixels };
    counted.set(key, work);
    return work;
  }
}
