/** What a pickle of metadata can hold: inert data. Tuples and lists are arrays. */
export type Plain =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Plain[]
  | Map<Plain, Plain>
  | Named
  | StoredNumbers
  | StoredTensor;

/** A function or class of Python by its name, which is all that is taken of it. */
export class Named {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Numbers that tensors lie in. */
export class StoredNumbers {
  readonly values: readonly number[];

  constructor(values: readonly number[]) {
    this.values = values;
  }
}

/** A tensor, row-major. */
export class StoredTensor {
  readonly shape: readonly number[];
  readonly values: readonly number[];

  constructor(shape: readonly number[], values: readonly number[]) {
    this.shape = shape;
    this.values = values;
  }
}
