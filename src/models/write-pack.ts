import { join, relative, resolve, sep } from 'node:path';
import { sha256Of } from '../files/digest.js';
import { makeFolder } from '../files/output-file.js';
import { writeFileAtomic } from '../files/write-atomic.js';
import {
  isOnnx,
  joinPack,
  type PackManifest,
  type PackModule,
  type ProbeReport,
  parseManifest,
  requireNetwork,
  scaleOf,
  taskOf,
} from '../restoration/index.js';
import { ParameterError } from '../utils/errors.js';
import { decodeCheckpoint } from '../weights/load-checkpoint.js';
import { decodeModule, encodeModule, type Module } from '../weights/module-file.js';
import { type ModelFile, readModelFile, UNKNOWN_LICENCE } from './import-model.js';
import {
  completePart,
  decodePart,
  fileOf,
  type ModuleRole,
  type ModuleSource,
  type ProbeCall,
  probeBytes,
} from './open-module.js';

export type Provenance = NonNullable<PackManifest['modules']['fusion']['provenance']>;

/** Everything a pack is assembled from. */
export interface PackParts
  extends Pick<
    PackManifest,
    'name' | 'task' | 'sampler' | 'result' | 'revision' | 'tMax' | 'tile'
  > {
  /** Module files, checkpoints as others publish them, and but for the fusion network ONNX files. */
  readonly files: {
    readonly restorer: ModuleSource;
    readonly denoiser: ModuleSource;
    readonly fusion: string;
  };
  /** Stores weights in half precision, which the pack then is defined by; ONNX files stay as is. */
  readonly half?: boolean;
  /** The denoiser stays the file that it is, in a folder beside the pack's, for packs to share. */
  readonly sharedDenoiser?: boolean;
  readonly description?: string;
  /** Where modules come from, beyond what is known of published files. */
  readonly provenance?: Readonly<Partial<Record<ModuleRole, Provenance>>>;
  /** Told what a probe found out about an ONNX file. */
  readonly onProbe?: (role: ModuleRole, report: ProbeReport) => void;
}

interface Part {
  readonly role: ModuleRole;
  readonly module: PackModule;
  readonly file: string;
  readonly bytes: Uint8Array;
  /** Whether it lies elsewhere and is not written. */
  readonly shared: boolean;
  readonly provenance: Provenance | undefined;
}

const roles = ['restorer', 'denoiser', 'fusion'] as const;

/**
 * Writes a pack into a folder, its manifest last, so that a pack that can be opened is whole.
 * @throws ParameterError where not steps <= tau <= tMax, or a shared denoiser
 * does not lie in a folder beside the pack's; ModelError where a module cannot be read
 * or cannot do its part, or the contract of an ONNX file is wrong or must be stated; LimitError
 * where finding out takes more than `call` allows; OutputError
 * where the folder cannot be written.
 */
export async function writePack(
  folder: string,
  parts: PackParts,
  call: Omit<ProbeCall, 'contract'> = {},
): Promise<PackManifest> {
  const { files, half = false, sharedDenoiser = false, ...told } = parts;
  const { description, provenance, onProbe, ...facts } = told;
  if (facts.sampler.tau > facts.tMax)
    throw new ParameterError('tau', `at most \`tMax\` ${facts.tMax}`, facts.sampler.tau);
  if (facts.sampler.steps > facts.sampler.tau)
    throw new ParameterError('steps', `at most \`tau\` ${facts.sampler.tau}`, facts.sampler.steps);
  const made: Part[] = [];
  for (const role of roles) {
    const read = await readModelFile(fileOf(files[role]));
    const module = await completePart(
      await decodePart(read.bytes, read.path, role),
      role,
      files[role],
      async ({ bytes, name }, stated) => {
        const request = { bytes, name, role: role as 'restorer' | 'denoiser', stated };
        const report = await probeBytes(request, call);
        onProbe?.(role, report);
        return report;
      },
    );
    const shared = sharedDenoiser && role === 'denoiser';
    if (shared && !isOnnx(module)) decodeModule(read.bytes, read.path);
    made.push({
      role,
      module,
      shared,
      file: shared
        ? sharedFile(folder, read.path)
        : `${role}.${isOnnx(module) ? 'onnx' : 'safetensors'}`,
      bytes: isOnnx(module) || shared ? read.bytes : encodeModule(module, { half }),
      provenance: provenanceOf(read, provenance?.[role]),
    });
  }
  const [restorer, denoiser, fusion] = made.map(({ module }) => module) as [
    PackModule,
    PackModule,
    PackModule,
  ];
  const manifest = parseManifest(
    {
      format: 'dp-ir-pack',
      version: 1,
      ...facts,
      scale: scaleOf(restorer) / taskOf(facts.task).input.cell,
      modules: Object.fromEntries(made.map((part) => [part.role, entryOf(part)])),
      ...(description === undefined ? {} : { description }),
    },
    folder,
  );
  joinPack(manifest, { restorer, denoiser, fusion: requireNetwork(fusion) }, folder);
  await makeFolder(folder);
  for (const { file, bytes, shared } of made)
    if (!shared) await writeFileAtomic(join(folder, file), bytes);
  const text = `${JSON.stringify(manifest, null, 2)}\n`;
  await writeFileAtomic(join(folder, 'pack.json'), new TextEncoder().encode(text));
  return manifest;
}

/** How a pack names a file in a folder beside its own. */
function sharedFile(folder: string, path: string): string {
  const between = relative(resolve(folder), resolve(path)).split(sep).join('/');
  if (!/^\.\.\/[^/]+\/[^/]+$/.test(between))
    throw new ParameterError('sharedDenoiser', "a file in a folder beside the pack's", path);
  return between;
}

function entryOf({ module, file, bytes, provenance }: Part): object {
  return {
    file,
    sha256: sha256Of(bytes),
    ...(isOnnx(module) ? { contract: module.contract } : {}),
    ...(provenance === undefined ? {} : { provenance }),
  };
}

/** What the caller says, before what is known of a published file. */
function provenanceOf({ entry, licence }: ModelFile, stated?: Provenance): Provenance | undefined {
  const known: Provenance = {
    ...(entry === undefined ? {} : { source: `${entry.title}, ${entry.page}` }),
    ...(licence === UNKNOWN_LICENCE ? {} : { licence }),
    ...stated,
  };
  return Object.keys(known).length === 0 ? undefined : known;
}

/**
 * Reads one network with its weights from a file: a module file or a published checkpoint.
 * @throws ModelError where it cannot be read, is damaged or of no known network.
 */
export async function loadModuleFile(path: string): Promise<Module> {
  const { bytes } = await readModelFile(path);
  return decodeCheckpoint(bytes, path);
}
