import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { createSchedule, resolveSampler, samplerSettingNames } from '../../diffusion/index.js';
import { digestOf, fileDigest } from '../../files/digest.js';
import { readInput, whyUnreadable } from '../../files/input-file.js';
import { openToAppend } from '../../files/output-file.js';
import { unwritable } from '../../files/write-atomic.js';
import { moduleDigest, PIXELS_VERSION, requirePack } from '../../models/packs.js';
import { resolveResult } from '../../restoration/index.js';
import { InputError } from '../../utils/errors.js';
import { MAX_ARRAY_BYTES } from '../../utils/limits.js';
import {
  pathOf,
  type RestoreOptionName,
  restoreOptionRows,
  restoreOptions,
  valueIn,
} from '../options.js';
import { type BurstFilesRequest, DEFAULT_PACK } from '../restore-request.js';

const NEWLINE = 10;

/** The file beside results that tells what they are of. */
export const RECORDS_FILE = '.dp-ir-restored.jsonl';

const fileSchema = z.object({
  /** Below the folder of the records, with forward slashes. */
  name: z.string(),
  sha256: z.string(),
  bytes: z.number(),
});
const recordSchema = z.object({
  format: z.literal(1),
  key: z.string(),
  files: z.array(fileSchema),
});

/** The files of one result. */
export type DoneRecord = z.infer<typeof recordSchema>;

/**
 * What has been restored into a folder: a line of JSON for each result, appended once its files
 * have their names. Lines of other processes are read as they come; one that was cut off counts
 * for nothing.
 */
export class DoneRecords {
  readonly #folder: string;
  readonly #byKey = new Map<string, DoneRecord[]>();
  #read = 0;

  /** @param folder of the results. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * The files of a result whose bytes are still those that were written, the latest first.
   * @param key tells input, settings and format.
   * @throws InputError where the records cannot be read.
   */
  async find(key: string): Promise<DoneRecord[]> {
    await this.#refresh();
    const found = (this.#byKey.get(key) ?? []).toReversed();
    const intact = await Promise.all(found.map((record) => this.#isIntact(record)));
    return found.filter((_, index) => intact[index]);
  }

  /**
   * Notes the files of a result.
   * @param names below the folder, with forward slashes.
   * @throws OutputError
   */
  async add(key: string, names: readonly string[]): Promise<void> {
    const files = await Promise.all(
      names.map(async (name) => {
        const path = join(this.#folder, name);
        return { name, sha256: await fileDigest(path), bytes: (await stat(path)).size };
      }),
    );
    const record: DoneRecord = { format: 1, key, files };
    const path = join(this.#folder, RECORDS_FILE);
    try {
      const file = await openToAppend(path);
      try {
        // A line that was cut off must not swallow this one; empty lines count for nothing.
        await file.appendFile(`\n${JSON.stringify(record)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  async #refresh(): Promise<void> {
    const path = join(this.#folder, RECORDS_FILE);
    const bytes = await readInput(path, MAX_ARRAY_BYTES, { followLinks: false }).catch((cause) => {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array();
      throw new InputError(path, `the records cannot be read: ${whyUnreadable(cause)}`, { cause });
    });
    if (bytes.length < this.#read) {
      this.#byKey.clear();
      this.#read = 0;
    }
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const lines = new TextDecoder().decode(bytes.subarray(this.#read, end)).split('\n');
    this.#read = Math.max(this.#read, end);
    for (const line of lines) {
      const record = parseRecord(line);
      if (record === undefined) continue;
      const known = this.#byKey.get(record.key) ?? [];
      this.#byKey.set(record.key, [...known, record]);
    }
  }

  async #isIntact({ files }: DoneRecord): Promise<boolean> {
    for (const { name, sha256, bytes } of files) {
      const path = join(this.#folder, name);
      const size = await stat(path).then(
        (entry) => entry.size,
        () => -1,
      );
      if (size !== bytes) return false;
      if ((await fileDigest(path).catch(() => '')) !== sha256) return false;
    }
    return true;
  }
}

function parseRecord(line: string): DoneRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}

/** Options that the digest includes in their resolved form. */
const RESOLVED: ReadonlySet<string> = new Set<RestoreOptionName>([
  ...(['model', 'task', 'restorer', 'denoiser', 'fusion', 'device', 'tile', 'seed'] as const),
  ...(['samples', 'scale', 'consistency', 'detail', ...samplerSettingNames] as const),
]);

/**
 * SHA-256 of everything but the input that the bytes of results depend on: the modules' weights,
 * all settings with nothing left to defaults, the device. Requests that say the same in other words
 * have one digest; whatever is not known to leave results alone counts.
 * @throws ModelError for a pack that is none, ParameterError for sampler settings out of range,
 * InputError for a module file that is missing.
 */
export async function describeRestoration(request: BurstFilesRequest): Promise<string> {
  const { pack, task, modules = {}, scale, tile, samples } = request;
  const { device = restoreOptions.device.default, seed = restoreOptions.seed.default } = request;
  const { manifest } = await requirePack(pack ?? task ?? DEFAULT_PACK);
  const { settings } = resolveSampler(request, {
    schedule: createSchedule(),
    defaults: manifest.sampler,
    tMax: manifest.tMax,
    allowBeyondTraining: request.allowBeyondTraining ?? false,
  });
  const others = restoreOptionRows
    .filter(([name, { affectsPixels }]) => affectsPixels && !RESOLVED.has(name))
    .map(([name]) => [pathOf(name), valueIn(request, name)])
    .filter(([, value]) => value !== undefined && value !== false);
  const [restorer, denoiser, fusion] = await Promise.all(
    (['restorer', 'denoiser', 'fusion'] as const).map((role) =>
      moduleDigest(manifest, role, modules[role]),
    ),
  );
  return digestOf({
    ...Object.fromEntries(others),
    ...{ version: PIXELS_VERSION, task: manifest.task, scale: scale ?? manifest.scale },
    ...{ device, seed, restorer, denoiser, fusion, sampler: settings, tile: tile ?? manifest.tile },
    result: resolveResult(request, manifest),
    samples: samples ?? null,
    contracts: [
      manifest.modules.restorer.contract ?? null,
      manifest.modules.denoiser.contract ?? null,
    ],
  });
}
