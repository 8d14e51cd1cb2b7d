import { type Tensor, tensor } from '../tensor/tensor.js';
import type { Rectangle } from '../tensor/window.js';
import type { Raster } from './raster.js';
import type { PixelSource } from './streamed-reader.js';

/** How stored pixels are to be turned to stand upright, in the numbers of EXIF. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What an orientation does: row and column of the upright image to those that are stored. */
interface Turn {
  /** Whether rows become columns. */
  readonly transposed: boolean;
  /** Whether the stored rows, and columns, are run through backwards. */
  readonly rowsBackwards: boolean;
  readonly columnsBackwards: boolean;
}

/** The parts of an orientation. */
export function turnOf(orientation: Orientation): Turn {
  return {
    transposed: orientation >= 5,
    rowsBackwards: [3, 4, 6, 7].includes(orientation),
    columnsBackwards: [2, 3, 7, 8].includes(orientation),
  };
}

/** The upright form of planes [C, H, W], which are given back where nothing is to be turned. */
export function turnUpright(image: Tensor, orientation: Orientation): Tensor {
  if (orientation === 1) return image;
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const [channels, height, width] = image.shape as [number, number, number];
  const [tall, wide] = transposed ? [width, height] : [height, width];
  const rowStep = rowsBackwards ? -width : width;
  const columnStep = columnsBackwards ? -1 : 1;
  const [down, right] = transposed ? [columnStep, rowStep] : [rowStep, columnStep];
  const corner = (rowsBackwards ? (height - 1) * width : 0) + (columnsBackwards ? width - 1 : 0);
  const result = tensor([channels, tall, wide]);
  let to = 0;
  for (let channel = 0; channel < channels; channel += 1)
    for (let y = 0; y < tall; y += 1) {
      let from = channel * height * width + corner + y * down;
      for (let x = 0; x < wide; x += 1, from += right) result.data[to++] = image.data[from]!;
    }
  return result;
}

/** The upright view of a stored image; the source itself where nothing is to be turned. */
export function turnedSource(stored: PixelSource, orientation: Orientation): PixelSource {
  if (orientation === 1) return stored;
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const { channels, bitDepth } = stored;
  const [height, width] = transposed
    ? [stored.width, stored.height]
    : [stored.height, stored.width];
  const storedPlace = (upright: Rectangle): Rectangle => {
    const { top, left, height: tall, width: wide } = transposed ? swapped(upright) : upright;
    return {
      top: rowsBackwards ? stored.height - top - tall : top,
      left: columnsBackwards ? stored.width - left - wide : left,
      height: tall,
      width: wide,
    };
  };
  return {
    ...{ width, height, channels, bitDepth },
    read: async (rectangle) => turned(await stored.read(storedPlace(rectangle)), orientation),
    close: () => stored.close(),
  };
}

function swapped({ top, left, height, width }: Rectangle): Rectangle {
  return { top: left, left: top, height: width, width: height };
}

function turned(raster: Raster, orientation: Orientation): Raster {
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const { width, height, channels, samples } = raster;
  const [tall, wide] = transposed ? [width, height] : [height, width];
  const made = samples.slice();
  const [rowStep, columnStep] = [rowsBackwards ? -width : width, columnsBackwards ? -1 : 1];
  const [down, right] = transposed ? [columnStep, rowStep] : [rowStep, columnStep];
  const corner = (rowsBackwards ? (height - 1) * width : 0) + (columnsBackwards ? width - 1 : 0);
  let to = 0;
  for (let y = 0; y < tall; y += 1) {
    let from = corner + y * down;
    for (let x = 0; x < wide; x += 1, from += right)
      for (let channel = 0; channel < channels; channel += 1)
        made[to++] = samples[from * channels + channel]!;
  }
  return { width: wide, height: tall, channels, samples: made };
}
