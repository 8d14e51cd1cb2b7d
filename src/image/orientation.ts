import { type Tensor, tensor } from '../tensor/tensor.js';

/** How stored pixels are to be turned to stand upright, in the numbers of EXIF. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** What an orientation does: row and column of the upright picture to those that are stored. */
export interface Turn {
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
export function turnUpright(picture: Tensor, orientation: Orientation): Tensor {
  if (orientation === 1) return picture;
  const { transposed, rowsBackwards, columnsBackwards } = turnOf(orientation);
  const [channels, height, width] = picture.shape as [number, number, number];
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
      for (let x = 0; x < wide; x += 1, from += right) result.data[to++] = picture.data[from]!;
    }
  return result;
}
