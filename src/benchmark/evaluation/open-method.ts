import type { JobContext } from '../../engine/job.js';
import type { GraphRunner } from '../../graph/graph-runner.js';
import { decodeImage } from '../../images/decode.js';
import {
  type Burst,
  isOnnx,
  joinBurst,
  joinImage,
  type Pack,
  type PackModule,
  type Restoration,
  restoreWhole,
} from '../../restoration/index.js';
import { PackGraphs } from '../../restoration/pack-graphs.js';
import { RestoredParts } from '../../restoration/tiled-networks.js';
import { openSession } from '../../restore-files/restore-session.js';
import { sizeOf, type Tensor } from '../../tensor/tensor.js';
import { InputError } from '../../utils/errors.js';
import { baseline, isBurst } from './items.js';
import type { MethodSpec, NetworkMethod } from './method.js';

/** One image for a method. */
interface MethodInput {
  /** [3, H, W] in [0, 1], or a burst. */
  readonly input: Tensor | Burst;
  readonly scale: number;
  readonly seed: number;
  /** The image of an `outputs` method. */
  readonly output?: string | undefined;
  /** Called with the share that is done. */
  readonly onShare: (share: number) => void;
}

/** What a method made of an image, and at what cost. */
export interface MethodOutput {
  /** [3, H, W]; may go beyond [0, 1]. */
  readonly image: Tensor;
  readonly seconds: number | null;
  readonly nfe: number | null;
  readonly parameters: number | null;
  readonly macs: number | null;
  readonly roughMacs: boolean;
}

/** An opened method. */
export type OpenMethod = (given: MethodInput) => Promise<MethodOutput>;

/** Opens methods for one job: they share a runner, and packs that several of them use. */
export class MethodOpener {
  readonly #context: JobContext;
  readonly #device: { readonly device?: string | undefined; readonly threads?: number | undefined };
  readonly #packs = new Map<string, Promise<Pack>>();
  #runner: Promise<GraphRunner> | undefined;

  constructor(
    context: JobContext,
    device: { readonly device?: string | undefined; readonly threads?: number | undefined },
  ) {
    this.#context = context;
    this.#device = device;
  }

  /**
   * @throws ModelError where a pack or module cannot be opened, EngineError for the device; the
   * method itself throws what a restoration throws.
   */
  async open(method: MethodSpec): Promise<OpenMethod> {
    switch (method.kind) {
      case 'outputs':
        return ({ output }) => readOutput(method.name, output);
      case 'bicubic':
      case 'input':
        return async ({ input, scale }) => {
          const { result: image, seconds } = await timed(async () => baseline(input, scale));
          return { ...free, image, seconds, nfe: 0, parameters: 0, macs: 0 };
        };
      case 'restorer':
      case 'pack': {
        const pack = await this.#pack(method);
        const runner = await this.#shared();
        const work = method.kind === 'pack' ? restoredByPack : restoredAlone;
        return (given) => work(method, pack, runner, given);
      }
    }
  }

  #shared(): Promise<GraphRunner> {
    const { device, threads } = this.#device;
    this.#runner ??= this.#context.runner({
      ...(device === undefined ? {} : { device }),
      ...(threads === undefined ? {} : { threads }),
    });
    return this.#runner;
  }

  #pack({ pack, modules = {} }: NetworkMethod): Promise<Pack> {
    const key = JSON.stringify([pack, modules]);
    const cached =
      this.#packs.get(key) ??
      openSession({ ...this.#context, runner: () => this.#shared() }, { pack, modules }).then(
        (work) => work.pack,
      );
    this.#packs.set(key, cached);
    return cached;
  }
}

const free = { nfe: null, parameters: null, macs: null, seconds: null, roughMacs: false };

async function readOutput(name: string, path: string | undefined): Promise<MethodOutput> {
  if (path === undefined) throw new InputError(name, 'has no image of this name');
  return { ...free, image: (await decodeImage(path)).tensor };
}

async function restoredByPack(
  { sampler = {}, beyondTraining = false, tile, frames, consistency, detail }: NetworkMethod,
  pack: Pack,
  runner: GraphRunner,
  { input, seed, onShare }: MethodInput,
): Promise<MethodOutput> {
  const { result, seconds } = await timed(() =>
    restoreWhole(join(input, pack, frames), runner, {
      ...sampler,
      ...{ seed, tile, consistency, detail },
      allowBeyondTraining: beyondTraining,
      onProgress: ({ done, total }) => onShare(done / total),
    }),
  );
  const { image, nfe, macs, roughMacs } = result;
  const parameters = [pack.restorer, pack.denoiser, pack.fusion].reduce(
    (sum, module) => sum + parametersOf(module),
    0,
  );
  return { image, seconds, nfe, macs, roughMacs, parameters };
}

/** x_IR, which is what the restoration network gives without a chain after it. */
async function restoredAlone(
  { tile, frames }: NetworkMethod,
  pack: Pack,
  runner: GraphRunner,
  { input, onShare }: MethodInput,
): Promise<MethodOutput> {
  const { result, seconds } = await timed(async () => {
    const restoration = join(input, pack, frames);
    const { scale } = restoration;
    const { height, width } = restoration.input;
    const whole = { top: 0, left: 0, height: height * scale, width: width * scale };
    const graphs = new PackGraphs(restoration.pack, runner);
    const side = tile ?? pack.manifest.tile;
    const parts = new RestoredParts(restoration, graphs, [whole], side);
    const macs = parts.macs;
    let done = 0;
    const image = await parts.restored(0, async (more) => {
      done += more;
      onShare(done / macs);
      await runner.checkpoint();
    });
    return { image, macs };
  });
  return {
    ...result,
    seconds,
    nfe: 1,
    roughMacs: isOnnx(pack.restorer),
    parameters: parametersOf(pack.restorer),
  };
}

function join(input: Tensor | Burst, pack: Pack, frames: number | undefined): Restoration {
  return isBurst(input) ? joinBurst(input, pack, { frames }).restoration : joinImage(input, pack);
}

function parametersOf(module: PackModule): number {
  if (isOnnx(module)) return module.file.parameters;
  return [...module.weights.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly seconds: number }> {
  const started = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - started) / 1000 };
}
