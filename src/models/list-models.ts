import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isFile } from '../files/input-file.js';
import type { PackManifest } from '../restoration/index.js';
import { catalogue } from '../weights/catalogue/catalogue.js';
import { findPack, shippedPacks } from './packs.js';

/**
 * Where a model is: `shipped` with the package, `stored` on this machine, `to pull` from the
 * network, or `manual`, offered only where a person can fetch it.
 */
export type ModelState = 'shipped' | 'stored' | 'to pull' | 'manual';

export interface ListedModel {
  readonly name: string;
  readonly state: ModelState;
  readonly title: string;
  readonly network: string;
  readonly role: string;
  readonly licence: string;
  /** Size of the file, where it is known. */
  readonly bytes?: number;
  /** Where it lies on this machine. */
  readonly path?: string;
  readonly page?: string;
}

const WEIGHTS = /\.(pth|pt|ckpt|safetensors|onnx)$/i;

/**
 * Shipped packs, the models of the catalogue, and other files of weights in the store.
 * @param folder where models are stored.
 */
export async function listModels(folder: string): Promise<ListedModel[]> {
  const stored = await readdir(folder).catch(() => [] as string[]);
  const known = new Set(catalogue.map(({ file }) => file));
  const others = stored.filter((file) => WEIGHTS.test(file) && !known.has(file)).sort();
  return [
    ...(await listPacks()),
    ...(await Promise.all(catalogue.map((entry) => listEntry(entry, folder)))),
    ...others.map((file) => ({
      name: file,
      state: 'stored' as const,
      title: 'not in the catalogue',
      network: 'not known',
      role: 'not known',
      licence: 'not known',
      path: join(folder, file),
    })),
  ];
}

async function listPacks(): Promise<ListedModel[]> {
  const packs = await Promise.all((await shippedPacks()).map(findPack));
  return packs
    .filter((pack) => pack !== undefined)
    .map(({ folder, manifest }) => ({
      name: manifest.name,
      state: 'shipped' as const,
      title: manifest.description ?? `pack for ${manifest.task}`,
      network: 'pack',
      role: manifest.task,
      licence: licenceOf(manifest),
      path: folder,
    }));
}

/** What the modules say; the package's own licence where they say nothing. */
function licenceOf({ modules }: PackManifest): string {
  const stated = Object.values(modules).map(({ provenance }) => provenance?.licence ?? 'MIT');
  return [...new Set(stated)].join(' and ');
}

async function listEntry(entry: (typeof catalogue)[number], folder: string): Promise<ListedModel> {
  const path = join(folder, entry.file);
  const present = await isFile(path);
  const { name, title, network, role, licence, page, bytes, manual } = entry;
  return {
    name,
    state: present ? 'stored' : manual ? 'manual' : 'to pull',
    title,
    network,
    role,
    licence,
    ...(bytes === undefined ? {} : { bytes }),
    ...(present ? { path } : {}),
    page,
  };
}
