import { LimitError } from '../../tensor/errors.js';

/** How much larger results are than images, and how large they may become. */
export interface ResultLimit {
  readonly scale: number;
  /** Most pixels of a result. */
  readonly maxPixels: number;
}

/**
 * Refuses an image whose result would be too large.
 * @param subject what messages call the image.
 * @throws LimitError
 */
export function requireResultSize(
  subject: string,
  { width, height }: { readonly width: number; readonly height: number },
  { scale, maxPixels }: ResultLimit,
): void {
  if (width * height * scale ** 2 <= maxPixels) return;
  const result = `${width * scale} x ${height * scale} pixels`;
  throw new LimitError(
    subject,
    `the result would have ${result}, the limit is ${maxPixels}; raise \`maxPixels\` for more`,
    { expected: `at most ${maxPixels} pixels`, received: result },
  );
}
