import type { Tensor } from '../../tensor/tensor.js';
import type { ResultFile } from './result-file.js';
import { resultPaths, type SampleRequest, WHITE_DEVIATION } from './samples/samples.js';

/** The files that a restoration is written to. */
export class ResultFiles {
  /** The only result, or the mean. */
  readonly image: ResultFile | undefined;
  readonly samples: readonly ResultFile[];
  readonly uncertainty: UncertaintyFile | undefined;

  /**
   * @param result of the name that was asked for; the others are like it.
   * @throws ParameterError for numbers of samples out of range.
   */
  constructor(result: ResultFile, request: SampleRequest) {
    const paths = resultPaths(result.path, request);
    this.image = paths.image === undefined ? undefined : result;
    this.samples = paths.samples.map((path) => result.like(path));
    if (paths.uncertainty !== undefined)
      this.uncertainty = new UncertaintyFile(result.plain(paths.uncertainty));
  }

  /** Whether some are held whole, however large they are. */
  get areCollected(): boolean {
    return [...this.samples, this.image].some((file) => file?.isCollected);
  }

  /** Ends the files and gives them their names. */
  async finish(): Promise<void> {
    for (const file of this.#all()) await file.finish();
  }

  /** Leaves nothing behind but files that are finished. */
  async abandon(): Promise<void> {
    for (const file of this.#all()) await file.abandon();
  }

  #all(): readonly Pick<ResultFile, 'finish' | 'abandon'>[] {
    const all = [...this.samples, this.image, this.uncertainty?.file];
    return all.filter((file) => file !== undefined);
  }
}

/** An image of standard deviations, in 16-bit grey. */
export class UncertaintyFile {
  readonly file: ResultFile;
  #sum = 0;
  #count = 0;
  #maximum = 0;

  constructor(file: ResultFile) {
    this.file = file;
  }

  /** Takes the next rows [3, rows, width] of deviations, the planes being alike. */
  async write(rows: Tensor): Promise<void> {
    const pixels = rows.data.length / 3;
    for (let place = 0; place < pixels; place += 1) {
      const deviation = rows.data[place]!;
      this.#sum += deviation;
      if (deviation > this.#maximum) this.#maximum = deviation;
    }
    this.#count += pixels;
    const { shape, dataType, data } = rows;
    const scaled = data.map((deviation) => deviation / WHITE_DEVIATION);
    await this.file.write({ shape, dataType, data: scaled });
  }

  /** Of the deviations so far, in the range [0, 1] of images. */
  get statistics(): { readonly mean: number; readonly maximum: number } {
    return { mean: this.#count === 0 ? 0 : this.#sum / this.#count, maximum: this.#maximum };
  }
}
