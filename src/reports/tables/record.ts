import { z } from 'zod';

const valueSchema = z.union([z.number(), z.literal(['Infinity', '-Infinity']).transform(Number)]);

const recordSchema = z.object({
  /** What the scores are of: see `recordKey`. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  dataset: z.string(),
  method: z.string(),
  item: z.string(),
  seed: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
  /** By `metricKey`. */
  values: z.record(z.string(), valueSchema),
  /** Why metrics have no value here, such as too few pixels, by `metricKey`. */
  unmeasured: z.record(z.string(), z.string()).optional(),
  /** Sketches for metrics of sets, by `metricKey`: SHA-256 of the pixels that they are of. */
  sketches: z.record(z.string(), z.object({ result: z.string(), target: z.string() })).optional(),
  /** Of the restoration alone; null for images of another program. */
  seconds: z.number().nullable(),
  nfe: z.number().nullable(),
  parameters: z.number().nullable(),
  /** Multiply-adds of all networks for this image. */
  macs: z.number().nullable(),
  /** True where that is a rough score, because a module is an ONNX file. */
  roughMacs: z.boolean(),
  /** Where the image was saved, relative to the folder of the results. */
  image: z.string().optional(),
  /** SHA-256 of its pixels. */
  pixels: z.string().optional(),
});

/** The scores of one method on one image. */
export type BenchmarkRecord = z.infer<typeof recordSchema>;

/** A record as one line of JSON, without its end; JSON knows no infinity, which becomes text. */
export function recordLine(record: BenchmarkRecord): string {
  return JSON.stringify(record, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
}

/** The record of a line; undefined where it holds none, such as one that was cut off. */
export function parseRecord(line: string): BenchmarkRecord | undefined {
  try {
    const parsed = recordSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** An image that a method could not be measured on. */
export interface EvaluateFailure {
  readonly dataset: string;
  readonly method: string;
  readonly item: string;
  readonly seed: number;
  readonly message: string;
}
