import { ModelError } from '../../tensor/errors.js';
import { arrayTypes, bytesPerElement, type DataArray, type DataType } from '../../tensor/tensor.js';
import { quoted } from './byte-reader.js';

/** Storage classes of PyTorch by element type. */
export const storageTypes: ReadonlyMap<string, DataType> = new Map([
  ['DoubleStorage', 'float64'],
  ['FloatStorage', 'float32'],
  ['HalfStorage', 'float16'],
  ['BFloat16Storage', 'bfloat16'],
  ['LongStorage', 'int64'],
  ['IntStorage', 'int32'],
  ['ShortStorage', 'int16'],
  ['CharStorage', 'int8'],
  ['ByteStorage', 'uint8'],
  ['BoolStorage', 'bool'],
]);

/** A run of elements that tensors are views of. */
export class Storage {
  readonly key: string;
  readonly dataType: DataType;
  readonly length: number;
  #elements: DataArray | undefined;

  constructor(key: string, dataType: DataType, length: number) {
    this.key = key;
    this.dataType = dataType;
    this.length = length;
  }

  get byteLength(): number {
    return this.length * bytesPerElement(this.dataType);
  }

  /**
   * Gives the storage its bytes, copied only where they are not aligned.
   * @throws ModelError where their number is not the stated one.
   */
  fill(bytes: Uint8Array, file: string): void {
    if (bytes.length !== this.byteLength)
      throw new ModelError(
        file,
        `storage ${quoted(this.key)}: ${this.length} elements of ${this.dataType} take ${this.byteLength} bytes, received ${bytes.length}`,
      );
    const aligned = bytes.byteOffset % bytesPerElement(this.dataType) === 0;
    const source = aligned ? bytes : Uint8Array.from(bytes);
    this.#elements = new arrayTypes[this.dataType](
      source.buffer as ArrayBuffer,
      source.byteOffset,
      this.length,
    );
  }

  get filled(): boolean {
    return this.#elements !== undefined;
  }

  /** @throws ModelError where the file holds no bytes for the storage. */
  elements(file: string): DataArray {
    if (this.#elements === undefined)
      throw new ModelError(file, `holds no data for the storage ${quoted(this.key)}`);
    return this.#elements;
  }
}
