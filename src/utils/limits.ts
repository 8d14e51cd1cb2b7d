/**
 * Limits and constants that several files depend on, each stated once. One that a single file uses
 * stays in that file.
 */

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

/** Bytes of a mebibyte and of a gibibyte. */
export const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** Frames of a burst unless the caller allows more. */
export const MAX_BURST_FRAMES = 64;

/** Milliseconds that a RAW decoder may take for a file unless the caller allows more. */
export const RAW_DECODE_MS = 120_000;

/** Longest time of a timer in milliseconds: Node counts them in 31 bits. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** Bytes of the largest array that a file is read into in one piece. */
export const MAX_ARRAY_BYTES = 2 ** 31 - 1;

/** Bytes of small files of JSON or text: manifests, recipes, descriptions, sidecars. */
export const MAX_JSON_BYTES = MIB;

/** Bytes of an engine process before a job starts, with room to report how the job failed. */
export const MIN_PROCESS_BYTES = 512 * MIB;

/** Bytes of memory of a process that probes an ONNX file unless the caller allows more. */
export const PROBE_BYTES = 4 * GIB;

/** Seconds that a probe may take unless the caller allows more. */
export const PROBE_SECONDS = 600;

/** Bytes of ONNX of the compiled graphs in the cache of a runner, and their number. */
export const CACHED_GRAPH_BYTES = 512 * MIB;
export const CACHED_GRAPHS = 24;
