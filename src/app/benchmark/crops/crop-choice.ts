/** A square of a result in pixels. */
export interface CropSquare {
  /** Name of the example, as records have it. */
  readonly item: string;
  readonly left: number;
  readonly top: number;
  readonly size: number;
}

/** What results are shown enlarged. */
export interface CropChoice {
  readonly given: readonly CropSquare[];
  /** Squares of each data set that are found where methods differ most, on different pictures. */
  readonly automatic: number;
}

/** Squares of each data set that are found where nobody says which, and pictures are saved. */
export const USUAL_CROPS = 3;

/** What is to be shown: what was asked for, or else the usual where results are there to show. */
export function cropChoice({
  crops,
  savePictures = false,
}: {
  readonly crops?: CropChoice | undefined;
  readonly savePictures?: boolean | undefined;
}): CropChoice {
  return crops ?? { given: [], automatic: savePictures ? USUAL_CROPS : 0 };
}

/** Whether results of an example have to be kept as pictures. */
export function needsPicture(item: string, { given, automatic }: CropChoice): boolean {
  return automatic > 0 || given.some((square) => square.item === item);
}
