/** Pixels that an image or a result may have unless the caller allows more. */
export const MAX_PIXELS = 2 ** 28;

/** Bytes that an image file may have unless the caller allows more. */
export const MAX_FILE_BYTES = 2 ** 30;

/** Channels that an image file may have unless the caller allows more: CMYK with alpha. */
export const MAX_CHANNELS = 5;

/** Frames or pages that an image file may have unless the caller allows more. */
export const MAX_FRAMES = 1;

/**
 * Pixels up to which an image is held in memory as a whole: larger inputs are decoded to disk,
 * larger results are restored in regions and encoded row by row.
 */
export const WHOLE_IMAGE_PIXELS = 2 ** 25;

/** Largest side in pixels of a region of a result that is restored in regions. */
export const REGION_SIDE = 4096;

/** Share of the machine's memory that a restoration may use unless the caller says otherwise. */
export const MEMORY_SHARE = 3 / 4;

/** Seconds that a restoration may take unless the caller says otherwise: a day. */
export const TIMEOUT_SECONDS = 24 * 3600;

/** Threads that the engine accepts. */
export const MAX_THREADS = 1024;

/** Samples of one input that can be asked for. */
export const MAX_SAMPLES = 10_000;
