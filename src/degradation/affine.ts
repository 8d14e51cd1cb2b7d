import { ParameterError } from '../tensor/errors.js';

/** Two rows [a, b, c], row-major: x' = a x + b y + c. */
export type AffineMatrix = readonly number[];

/** Movement of a hand-held camera between two exposures. */
export interface HandShake {
  /** Pixels to the right and downwards, applied before the rotation. */
  readonly x: number;
  readonly y: number;
  /** Degrees, counter-clockwise as seen. */
  readonly rotation: number;
}

/**
 * The map of a picture's places to where a hand shake moves them: the translation, then the
 * rotation about (width / 2, height / 2), as in the burst protocol.
 */
export function handShakeMatrix(
  { x, y, rotation }: HandShake,
  height: number,
  width: number,
): AffineMatrix {
  const angle = (rotation * Math.PI) / 180;
  const cosine = Math.cos(angle);
  const sine = Math.sin(angle);
  const centreX = width / 2;
  const centreY = height / 2;
  const turn = [
    cosine,
    sine,
    (1 - cosine) * centreX - sine * centreY,
    -sine,
    cosine,
    sine * centreX + (1 - cosine) * centreY,
  ];
  return composeAffine(turn, [1, 0, x, 0, 1, y]);
}

/** The map that does `second` after `first`. */
export function composeAffine(second: AffineMatrix, first: AffineMatrix): AffineMatrix {
  checkAffine(second);
  checkAffine(first);
  return [0, 3].flatMap((row) => [
    second[row]! * first[0]! + second[row + 1]! * first[3]!,
    second[row]! * first[1]! + second[row + 1]! * first[4]!,
    second[row]! * first[2]! + second[row + 1]! * first[5]! + second[row + 2]!,
  ]);
}

/**
 * The inverse map.
 * @throws ParameterError for a matrix that is singular or not of six finite numbers.
 */
export function invertAffine(matrix: AffineMatrix): AffineMatrix {
  checkAffine(matrix);
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = matrix;
  const determinant = a * e - b * d;
  if (determinant === 0) throw new ParameterError('matrix', 'an invertible map', matrix);
  const scale = 1 / determinant;
  const inverse = [e * scale, -b * scale, -d * scale, a * scale] as const;
  return [
    inverse[0],
    inverse[1],
    -inverse[0] * c - inverse[1] * f,
    inverse[2],
    inverse[3],
    -inverse[2] * c - inverse[3] * f,
  ];
}

function checkAffine(matrix: AffineMatrix): void {
  if (matrix.length !== 6 || !matrix.every(Number.isFinite))
    throw new ParameterError('matrix', 'six finite numbers', matrix);
}
