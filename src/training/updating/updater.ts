import type { Feeds, Lane } from '../../engine/contract.js';
import { gradientName, STATE_PARTS, type StatePart, stateName } from '../../graph/index.js';
import { inSharedMemory } from '../../tensor/shared.js';
import type { Tensor } from '../../tensor/tensor.js';
import type { TrainingState } from '../state.js';
import { divide } from './divide.js';
import { ParameterShare, type ShareRequest, type ShareTask } from './parameter-share.js';
import type { ParameterState, UpdateSettings } from './update.js';

/** Keeps the quotient finite where all gradients are 0. */
const TINY = 1e-12;

/** Some of the parameters, by their places, wherever they are worked on. */
interface Share {
  readonly places: readonly number[];
  add(round: readonly Feeds[], begins: boolean): Promise<Float64Array>;
  update(settings: UpdateSettings, scale: number): Promise<boolean>;
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
  readonly #lanes: readonly Lane[];
  #shares: readonly Share[] = [];
  /** What the shares work on. */
  #state: TrainingState | undefined;
  #batches = 0;

  /**
   * @param parameters names of those that are trained, in their order.
   * @param lanes that the batches run on.
   */
  constructor(parameters: readonly string[], lanes: readonly Lane[]) {
    this.#parameters = parameters;
    this.#lanes = lanes;
    this.squares = new Float64Array(parameters.length);
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
   * Adds the gradients of batches that ran at the same time, in their order.
   * @param state placed, which is to be updated.
   * @param round the outputs of the first lanes.
   * @param begins whether they are the first ones of a step.
   */
  async add(state: TrainingState, round: readonly Feeds[], begins: boolean): Promise<void> {
    if (begins) {
      this.#batches = 0;
      if (state !== this.#state) this.#shares = await this.#divided(state, round);
      this.#state = state;
    }
    this.#batches += round.length;
    await Promise.all(
      this.#shares.map(async (share) => {
        const squares = await share.add(round, begins);
        share.places.forEach((place, index) => {
          this.squares[place] = squares[index]!;
        });
      }),
    );
  }

  /**
   * Updates the state by the mean gradient, in its arrays.
   * @param clip largest Euclidean norm of all mean gradients together.
   * @returns whether all weights and second moments are finite.
   */
  async update(settings: UpdateSettings, clip: number | undefined): Promise<boolean> {
    const scale = this.#scale(clip);
    const finite = await Promise.all(this.#shares.map((share) => share.update(settings, scale)));
    return finite.every(Boolean);
  }

  get #threaded(): boolean {
    return this.#lanes.length > 1 && this.#lanes.every(({ open }) => open !== undefined);
  }

  /** Mean gradients times min(1, limit / norm), as `clipToNorm`. */
  #scale(limit: number | undefined): number {
    const batches = this.#batches;
    if (limit === undefined) return 1 / batches;
    const norm = Math.sqrt(this.squares.reduce((sum, value) => sum + value, 0)) / batches;
    return Math.min(1, limit / (norm + TINY)) / batches;
  }

  /** Divides the work; the first round of a step is one of all lanes. */
  async #divided(state: TrainingState, round: readonly Feeds[]): Promise<readonly Share[]> {
    const states = this.#parameters.map((name) => stateOf(state, name));
    if (!this.#threaded) return [localShare(this.#parameters, states)];
    const gradients = round.map((outputs) => gradientsIn(outputs, this.#parameters));
    const sizes = states.map(({ parameter: { length } }) => length);
    return Promise.all(
      divide(sizes, this.#lanes.length).map((places, index) => {
        const pick = <Item>(items: readonly Item[]) => places.map((place) => items[place]!);
        const task = { states: pick(states), gradients: gradients.map(pick<Float32Array>) };
        return laneShare(this.#lanes[index]!, places, task);
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
    add: async (round, begins) => {
      share.add(
        round.map((outputs) => gradientsIn(outputs, parameters)),
        begins,
      );
      return share.squares;
    },
    update: async (settings, scale) => share.update(settings, scale),
  };
}

const shareModule = new URL('./parameter-share.js', import.meta.url);

/** Some parameters, on the thread of a lane. */
async function laneShare(lane: Lane, places: readonly number[], task: ShareTask): Promise<Share> {
  const ask = await lane.open!(shareModule, 'openShare', task);
  const send = <Result>(request: ShareRequest) => ask(request) as Promise<Result>;
  return {
    places,
    add: (round, begins) => send({ kind: 'add', batches: round.length, begins }),
    update: (settings, scale) => send({ kind: 'update', settings, scale }),
  };
}
