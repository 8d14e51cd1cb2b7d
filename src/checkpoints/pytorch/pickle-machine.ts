import { ModelError } from '../../tensor/errors.js';
import { type ByteReader, decodeText } from './byte-reader.js';
import { applyGlobal, findGlobal } from './globals.js';
import {
  close,
  Dictionary,
  isKey,
  List,
  type PickleValue,
  type Scalar,
  type Tuple,
} from './values.js';

/** Far above what the largest published checkpoints need, optimiser states included. */
export const pickleLimits = {
  operations: 1_000_000,
  containers: 250_000,
  memoized: 400_000,
  entries: 1_000_000,
  depth: 48,
  marks: 64,
} as const;

/**
 * The stack, marks and memo of a pickle. All that it can build are tensors, containers, numbers and
 * text, and all of them are counted.
 */
export class PickleMachine {
  readonly reader: ByteReader;
  readonly #resolve: (id: PickleValue) => PickleValue;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PickleValue>();
  #containers = 0;
  #entries = 0;

  constructor(reader: ByteReader, resolve: (id: PickleValue) => PickleValue) {
    this.reader = reader;
    this.#resolve = resolve;
  }

  /** True where nothing is left to be used. */
  get empty(): boolean {
    return this.#stack.length === 0 && this.#marks.length === 0;
  }

  push(value: PickleValue): void {
    this.#stack.push(value);
  }

  /** Pushes a new container, whose depth and number are bounded. */
  pushContainer(value: List | Dictionary | Tuple): void {
    this.#limit(++this.#containers, 'containers');
    this.#limit(value.depth, 'depth');
    this.#stack.push(value);
  }

  pop(): PickleValue {
    if (this.#stack.length <= (this.#marks.at(-1) ?? 0))
      throw this.error('its pickle takes a value where there is none');
    return this.#stack.pop()!;
  }

  top(): PickleValue {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.#marks.push(this.#stack.length);
    this.#limit(this.#marks.length, 'marks');
  }

  popToMark(): PickleValue[] {
    const start = this.#marks.pop();
    if (start === undefined) throw this.error('its pickle goes back to a mark that is not there');
    return this.#stack.splice(start);
  }

  /** As Python does, a value or, where none lies above it, the mark. */
  drop(): void {
    if (this.#marks.at(-1) === this.#stack.length) this.#marks.pop();
    else this.pop();
  }

  remember(place = this.#memo.size): void {
    this.#memo.set(place, this.top());
    this.#limit(this.#memo.size, 'memoized');
  }

  recall(place: number): void {
    const value = this.#memo.get(place);
    if (value === undefined)
      throw this.error(`its pickle recalls value ${place}, which it never stored`);
    this.push(value);
  }

  append(items: readonly PickleValue[]): void {
    const list = this.top();
    if (!(list instanceof List) || list.closed)
      throw this.error('its pickle appends to a value that is no open list');
    this.#admit(list, items);
    for (const item of items) list.items.push(item);
  }

  /** @param items keys and values in turn. */
  assign(items: readonly PickleValue[]): void {
    const dictionary = this.top();
    if (!(dictionary instanceof Dictionary) || dictionary.closed)
      throw this.error('its pickle sets an entry of a value that is no open dictionary');
    if (items.length % 2 !== 0) throw this.error('its pickle sets a key without a value');
    this.#admit(dictionary, items);
    for (let index = 0; index < items.length; index += 2) {
      const key = items[index]!;
      if (!isKey(key))
        throw this.error('its pickle has a dictionary key that is no text or number');
      dictionary.entries.set(key, items[index + 1]!);
    }
  }

  reduce(): void {
    const argument = this.pop();
    const callable = this.pop();
    const made = applyGlobal(callable, argument, this.reader.file, (entries) =>
      this.#spend(entries),
    );
    if (made instanceof Dictionary) this.pushContainer(made);
    else this.push(made);
  }

  /** The one state that state dictionaries have, their `_metadata`, says nothing of use. */
  setState(): void {
    const state = this.pop();
    if (!(this.top() instanceof Dictionary) || !(state instanceof Dictionary))
      throw this.error('its pickle sets the state of a value that is no dictionary');
  }

  pushStorage(): void {
    this.push(this.#resolve(this.pop()));
  }

  pushGlobal(module: Scalar, name: Scalar): void {
    this.push(findGlobal(String(module), String(name), this.reader.file));
  }

  text(length: number): void {
    this.push(decodeText(this.reader.take(length), this.reader.file));
  }

  error(message: string): ModelError {
    return new ModelError(this.reader.file, message);
  }

  #admit(container: List | Dictionary, items: readonly PickleValue[]): void {
    this.#spend(items.length);
    const depth = 1 + close(items);
    if (container.closed) throw this.error('its pickle puts a container into itself');
    container.depth = Math.max(container.depth, depth);
    this.#limit(container.depth, 'depth');
  }

  #spend(entries: number): void {
    this.#entries += entries;
    this.#limit(this.#entries, 'entries');
  }

  #limit(value: number, name: keyof typeof pickleLimits): void {
    if (value > pickleLimits[name])
      throw this.error(`its pickle exceeds the limit on ${name} of ${pickleLimits[name]}`);
  }
}
