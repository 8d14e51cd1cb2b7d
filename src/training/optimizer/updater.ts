import { defineService } from '../../engine/job.js';
import type { Feeds, SessionWorker } from '../../graph/graph-runner.js';
import { gradientName, STATE_PARTS, type StatePart, stateName } from '../../graph/index.js';
import { inSharedMemory } from '../../tensor/shared-memory.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { TrainingState } from '../step/state.js';
import type { ParameterState } from './adam-kernels.js';
import {
  type openShare,
  ParameterShare,
  type ShareReply,
  type ShareRequest,
  type ShareTask,
  type UpdateSettings,
} from './parameter-share.js';

/** Keeps the quotient finite where all gradients are 0. */
const TINY = 1e-12;

/** Some of the parameters, by their places, wherever they are worked on. */
interface Share {
  readonly places: readonly number[];
  ask(request: ShareRequest, round: readonly Feeds[]): Promise<ShareReply>;
}

/** How the last round of a step becomes an update. */
export interface StepUpdate {
  readonly settings: UpdateSettings;
  /** Largest Euclidean norm of all mean gradients together. */
  readonly clip?: number | undefined;
}

/**
 * Sums of the gradients of a step's batches and the update by them. Where the batches ran on threads
 * of their own, each of these does both for a part of the parameters; whoever does it, every entry
 * is the same to the bit.
 */
export class Updater {
  /** Of the entries of each sum, in the order of the parameters; finite where they are. */
  readonly squares: Float64Array;
  readonly #parameters: readonly string[];
  readonly #copies: readonly SessionWorker[];
  #shares: readonly Share[] = [];
  /** What the shares work on. */
  #state: TrainingState | undefined;
  #batches = 0;
  #updating = false;

  /**
   * @param parameters names of those that are trained, in their order.
   * @param copies that the batches run on.
   */
  constructor(parameters: readonly string[], copies: readonly SessionWorker[]) {
    this.#parameters = parameters;
    this.#copies = copies;
    this.squares = new Float64Array(parameters.length);
  }

  /** Whether an update failed midway: its state is neither the one before nor the one after it. */
  get spoilt(): boolean {
    return this.#updating;
  }

  /** The state as batches and update want it: in shared memory where threads work on it. */
  placed(state: TrainingState): TrainingState {
    if (!this.#threaded || state === this.#state) return state;
    const names = this.#parameters.flatMap((name) =>
      STATE_PARTS.map((part) => stateName(part, name)).filter((part) => state.has(part)),
    );
    const moved = names.map((name) => [name, inSharedMemory(state.get(name)!)] as const);
    const there = moved.every(([name, value]) => state.get(name) === value);
    return there ? state : new Map([...state, ...moved]);
  }

  /**
   * Adds the gradients of batches that ran at the same time, in their order, and after the last ones
   * updates the state by their mean, in its arrays.
   * @param state placed.
   * @param round the outputs of the first copies.
   * @param options.begins whether they are the first ones of a step.
   * @returns false where weights or second moments are not finite after it. Where `squares` tell of
   * a gradient that is not, the parameters that it belongs to have not changed.
   */
  async add(
    state: TrainingState,
    round: readonly Feeds[],
    { begins, update }: { readonly begins: boolean; readonly update?: StepUpdate | undefined },
  ): Promise<boolean> {
    if (begins) {
      this.#batches = 0;
      if (state !== this.#state) this.#shares = await this.#divided(state, round);
      this.#state = state;
    }
    this.#batches += round.length;
    const add = { batches: round.length, begins };
    if (update === undefined) return this.#askAll({ add }, round);
    const { settings, clip } = update;
    // Each share goes on by itself; only the norm of all gradients needs those of the others.
    if (clip === undefined)
      return this.#askAll({ add, update: { settings, scale: 1 / this.#batches } }, round);
    await this.#askAll({ add }, round);
    if (!this.squares.every(Number.isFinite)) return true;
    return this.#askAll({ update: { settings, scale: this.#scale(clip) } }, round);
  }

  async #askAll(request: ShareRequest, round: readonly Feeds[]): Promise<boolean> {
    this.#updating ||= request.update !== undefined;
    const replies = await Promise.all(this.#shares.map((share) => share.ask(request, round)));
    this.#updating = false;
    for (const [index, { squares }] of replies.entries())
      this.#shares[index]!.places.forEach((place, entry) => {
        this.squares[place] = squares[entry]!;
      });
    return replies.every(({ finite }) => finite);
  }

  get #threaded(): boolean {
    return this.#copies.length > 1 && this.#copies.every(({ open }) => open !== undefined);
  }

  /** Mean gradients times min(1, limit / norm), as `clipToNorm`. */
  #scale(limit: number): number {
    const batches = this.#batches;
    const norm = Math.sqrt(this.squares.reduce((sum, value) => sum + value, 0)) / batches;
    return Math.min(1, limit / (norm + TINY)) / batches;
  }

  /** Divides the work; the first round of a step is one of all copies. */
  async #divided(state: TrainingState, round: readonly Feeds[]): Promise<readonly Share[]> {
    const states = this.#parameters.map((name) => stateOf(state, name));
    if (!this.#threaded) return [localShare(this.#parameters, states)];
    const gradients = round.map((outputs) => gradientsIn(outputs, this.#parameters));
    const sizes = states.map(({ parameter: { length } }) => length);
    return Promise.all(
      divide(sizes, this.#copies.length).map((places, index) => {
        const pick = <Item>(items: readonly Item[]) => places.map((place) => items[place]!);
        const task = { states: pick(states), gradients: gradients.map(pick<Float32Array>) };
        return sharedWith(this.#copies[index]!, places, task);
      }),
    );
  }
}

function stateOf(state: TrainingState, parameter: string): ParameterState {
  const part = (kind: StatePart) => state.get(stateName(kind, parameter))?.data;
  const average = part('average');
  return {
    ...{ parameter: part('parameter')!, first: part('first')!, second: part('second')! },
    ...(average === undefined ? {} : { average }),
  };
}

function gradientsIn(outputs: Feeds, parameters: readonly string[]): Float32Array[] {
  return parameters.map((name) => (outputs[gradientName(name)] as Tensor).data);
}

/** All parameters, on this thread. */
function localShare(parameters: readonly string[], states: readonly ParameterState[]): Share {
  const share = new ParameterShare(states);
  return {
    places: [...states.keys()],
    ask: async ({ add, update }, round) => {
      if (add !== undefined)
        share.add(
          round.map((outputs) => gradientsIn(outputs, parameters)),
          add.begins,
        );
      const finite = update === undefined || share.update(update);
      return { squares: share.squares, finite };
    },
  };
}

const shareService = defineService<typeof openShare>(
  new URL('./parameter-share.js', import.meta.url),
  'openShare',
);

/** Some parameters, on the thread of a copy. */
async function sharedWith(
  copy: SessionWorker,
  places: readonly number[],
  task: ShareTask,
): Promise<Share> {
  const ask = await copy.open!(shareService, task);
  return { places, ask };
}

/**
 * Divides things among workers so that each has about the same to do: the largest first, to whom
 * has least.
 * @param sizes of the things.
 * @returns for each worker the indices of what it has, in their order; of nobody nothing.
 */
export function divide(sizes: readonly number[], workers: number): number[][] {
  const shares = Array.from({ length: workers }, () => ({ total: 0, indices: [] as number[] }));
  const order = [...sizes.keys()].sort((one, other) => sizes[other]! - sizes[one]!);
  for (const index of order) {
    const least = shares.reduce((one, other) => (other.total < one.total ? other : one));
    least.total += sizes[index]!;
    least.indices.push(index);
  }
  return shares.map(({ indices }) => indices.sort((one, other) => one - other));
}
