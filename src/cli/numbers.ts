import { z } from 'zod';

/** A number as it is written on the command line: nothing, unlike for JavaScript, is no 0. */
export const number = z.preprocess(
  (text) => (typeof text === 'string' && text.trim() === '' ? Number.NaN : text),
  z.coerce.number<string | number>(),
);

/** An integer of at least `lowest`. */
export const whole = (lowest: number) => number.pipe(z.int().min(lowest));

/** An integer of at least 1. */
export const positive = whole(1);

/** Pixels along every edge, as many as a metric's own text may state. */
export const borderOption = whole(0).pipe(z.int().max(999_999));

/** Threads of the engine, which takes no more. */
export const threadsOption = positive.pipe(z.int().max(1024));
