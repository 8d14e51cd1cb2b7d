import { formatFromPath } from '../images/format.js';
import { channelsOf, type ImageLayout, type RasterWriter, rasterOf } from '../images/raster.js';
import {
  isStreamed,
  openCollectingWriter,
  openWriter,
  requireSides,
} from '../images/streamed-writer.js';
import { type Tensor, tensor } from '../tensor/tensor.js';
import { WHOLE_IMAGE_PIXELS } from '../utils/limits.js';
import { ALPHA_REACH, enlargeAlpha } from './alpha.js';
import { resultPaths, type SampleRequest, WHITE_DEVIATION } from './samples.js';

/** Rows of alpha of the degraded image, from `first` to before `end`: [1, rows, W] in [0, 1]. */
export type AlphaRows = (first: number, end: number) => Promise<Tensor>;

/** What a result file holds besides the pixels. */
export interface ResultLayout
  extends Pick<ImageLayout, 'width' | 'height' | 'bitDepth' | 'icc' | 'exif' | 'xmp'> {
  readonly path: string;
  readonly grey?: boolean;
  /** What rows become that are handed over; default: they stay as they are. */
  readonly toStored?: (rows: Tensor) => Tensor;
  /** Alpha of the degraded image, which is enlarged with its edges. */
  readonly alpha?: AlphaRows;
  /** Pixels of the result for one of alpha along each side. */
  readonly scale: number;
}

/** An image file that takes the rows of a result as they come, from the top to the bottom. */
export class ResultFile {
  readonly #layout: ResultLayout;
  #writer: RasterWriter | undefined;
  #row = 0;

  /** @throws ParameterError where the format cannot hold sides of this size. */
  constructor(layout: ResultLayout) {
    requireSides(layout.path, layout.width, layout.height);
    this.#layout = layout;
  }

  /** The file's name. */
  get path(): string {
    return this.#layout.path;
  }

  /** Whether its format wants all samples at once. */
  get isCollected(): boolean {
    return !isStreamed(formatFromPath(this.path));
  }

  /** Another file of the same layout. */
  like(path: string): ResultFile {
    return new ResultFile({ ...this.#layout, path });
  }

  /** A file of the same size in 16-bit grey, with nothing else of this one. */
  plain(path: string): ResultFile {
    const { width, height } = this.#layout;
    return new ResultFile({ path, width, height, bitDepth: 16, grey: true, scale: 1 });
  }

  /** Takes the next rows [3, rows, width] in [0, 1]. The file begins with the first of them. */
  async write(rows: Tensor): Promise<void> {
    const { bitDepth, grey = false, alpha, toStored = (own: Tensor) => own } = this.#layout;
    const count = rows.shape[1]!;
    this.#writer ??= await this.#open();
    const own = alpha === undefined ? {} : { alpha: await this.#alphaRows(alpha, count) };
    await this.#writer.write(rasterOf({ tensor: toStored(rows), bitDepth, grey, ...own }));
    this.#row += count;
  }

  /** Ends the file and gives it its name. */
  async finish(): Promise<void> {
    await this.#writer?.finish();
  }

  /** Removes the unfinished file; after `finish` it does nothing. */
  async abandon(): Promise<void> {
    await this.#writer?.abandon();
  }

  /**
   * An encoder that is given everything at once compresses better, and writes metadata as it
   * understands it. Which one it is follows from the size and from what the file holds, so that it
   * does not depend on how many rows come together.
   */
  async #open(): Promise<RasterWriter> {
    const { path, grey, alpha, scale: _scale, toStored: _toStored, ...layout } = this.#layout;
    const whole = { ...layout, channels: channelsOf({ grey, hasAlpha: alpha !== undefined }) };
    const hasMetadata = [layout.icc, layout.exif, layout.xmp].some((own) => own !== undefined);
    const format = formatFromPath(path);
    const isStoredUnchanged = hasMetadata && isStreamed(format);
    return layout.width * layout.height <= WHOLE_IMAGE_PIXELS && !isStoredUnchanged
      ? openCollectingWriter(path, format, whole)
      : openWriter(path, whole);
  }

  /** Rows of alpha enlarged, from those around them alone. */
  async #alphaRows(alpha: AlphaRows, count: number): Promise<Tensor> {
    const { scale, width, height } = this.#layout;
    const first = Math.max(0, Math.floor(this.#row / scale) - ALPHA_REACH);
    const end = Math.min(height / scale, Math.ceil((this.#row + count) / scale) + ALPHA_REACH);
    const part = await alpha(first, end);
    const { data } = enlargeAlpha(part, scale);
    const start = (this.#row - first * scale) * width;
    return tensor([1, count, width], data.slice(start, start + count * width));
  }
}

/** The files of the results of one restoration. */
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

  /** Removes unfinished files. */
  async abandon(): Promise<void> {
    for (const file of this.#all()) await file.abandon();
  }

  #all(): readonly Pick<ResultFile, 'finish' | 'abandon'>[] {
    const all = [...this.samples, this.image, this.uncertainty?.file];
    return all.filter((file) => file !== undefined);
  }
}

/** An image of standard deviations, in 16-bit grey. */
class UncertaintyFile {
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
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const deviation = rows.data[pixel]!;
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
