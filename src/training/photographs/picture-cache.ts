import type { Rgb8 } from '../../images/decode.js';

/** Decoded pictures, those used last kept within a number of bytes. */
export class PictureCache {
  readonly #pictures = new Map<string, Rgb8>();
  readonly #making = new Map<string, Promise<Rgb8>>();
  readonly #most: number;
  #bytes = 0;

  constructor(most: number) {
    this.#most = most;
  }

  holds(name: string, factor: number): boolean {
    return this.#pictures.has(`${factor} ${name}`);
  }

  /** The picture of that name; whoever asks while it is made waits for the same one. */
  async picture(name: string, factor: number, make: () => Promise<Rgb8>): Promise<Rgb8> {
    const key = `${factor} ${name}`;
    const known = this.#pictures.get(key);
    if (known !== undefined) {
      this.#pictures.delete(key);
      this.#pictures.set(key, known);
      return known;
    }
    let making = this.#making.get(key);
    if (making === undefined) {
      making = make().then(
        (picture) => this.#keep(key, picture),
        (error) => {
          this.#making.delete(key);
          throw error;
        },
      );
      this.#making.set(key, making);
    }
    return making;
  }

  #keep(key: string, picture: Rgb8): Rgb8 {
    this.#making.delete(key);
    this.#pictures.set(key, picture);
    this.#bytes += picture.data.byteLength;
    for (const [oldest, { data }] of this.#pictures) {
      if (this.#bytes <= this.#most || oldest === key) break;
      this.#pictures.delete(oldest);
      this.#bytes -= data.byteLength;
    }
    return picture;
  }
}
