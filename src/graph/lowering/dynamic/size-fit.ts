/** Height and width in units: multiples of what a network works on. */
export interface Units {
  readonly height: number;
  readonly width: number;
}

/** Whole numbers a + b h + c w + d h w of a size in units, element by element. */
export interface SizeFit {
  readonly fixed: readonly bigint[];
  readonly perHeight: readonly bigint[];
  readonly perWidth: readonly bigint[];
  readonly perArea: readonly bigint[];
}

/**
 * Sizes at which a graph tells how it depends on its size: four that determine a fit, and others
 * that confirm it, the least size among them.
 * @param least smallest height and width in units.
 */
export function sampleSizes(least: number): readonly Units[] {
  const [height, width] = [least + 1, least + 3];
  return [
    { height, width },
    { height: height + 1, width },
    { height, width: width + 1 },
    { height: height + 1, width: width + 1 },
    { height: height + 3, width: width + 2 },
    { height: least, width: least },
  ];
}

/**
 * How vectors depend on the size, from their values at the sizes of `sampleSizes`; `undefined`
 * where no such numbers give all of them.
 */
export function fitSizes(
  sizes: readonly Units[],
  values: readonly (readonly bigint[])[],
): SizeFit | undefined {
  const [origin, taller, wider, both] = values as [bigint[], bigint[], bigint[], bigint[]];
  const [height, width] = [BigInt(sizes[0]!.height), BigInt(sizes[0]!.width)];
  const perArea = origin.map((at, index) => both[index]! - taller[index]! - wider[index]! + at);
  const perHeight = origin.map((at, index) => taller[index]! - at - perArea[index]! * width);
  const perWidth = origin.map((at, index) => wider[index]! - at - perArea[index]! * height);
  const fixed = origin.map(
    (at, index) =>
      at - perHeight[index]! * height - perWidth[index]! * width - perArea[index]! * height * width,
  );
  const fit = { fixed, perHeight, perWidth, perArea };
  const fits = sizes.every((size, place) =>
    valuesAt(fit, size).every((value, index) => value === values[place]![index]),
  );
  return fits ? fit : undefined;
}

/** The vector of a fit at one size. */
export function valuesAt(fit: SizeFit, size: Units): bigint[] {
  const [height, width] = [BigInt(size.height), BigInt(size.width)];
  return fit.fixed.map(
    (value, index) =>
      value +
      fit.perHeight[index]! * height +
      fit.perWidth[index]! * width +
      fit.perArea[index]! * height * width,
  );
}
