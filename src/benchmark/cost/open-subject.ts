import { findModel } from '../../models/export-model.js';
import { readModelFile } from '../../models/import-model.js';
import { findPack, loadPack } from '../../models/packs.js';
import { type ImageNetwork, parseConfiguration } from '../../networks/network.js';
import { imageNetworks } from '../../networks/registry.js';
import type { PlainNetwork } from '../../restoration/cost/network-cost.js';
import { isOnnx, type Pack } from '../../restoration/index.js';
import { ModelError, ParameterError } from '../../utils/errors.js';
import { type CheckpointOptions, decodeModel } from '../../weights/load-checkpoint.js';

/** What a cost is counted for. */
export type CostSubject =
  | { readonly kind: 'pack'; readonly folder: string; readonly pack: Pack }
  | ({ readonly kind: 'network'; readonly statedConfig: unknown } & PlainNetwork);

/** How a subject is found. */
export interface SubjectOptions {
  /** Configuration of a network, or entries of it that cannot be derived from a checkpoint's shapes. */
  readonly config?: unknown;
  /** Frames of a burst, for networks that take any number. */
  readonly frames?: number | undefined;
  /** Where models of the catalogue are stored. */
  readonly store: string;
}

/**
 * A pack, a network by its name, without weights, or a checkpoint.
 * @throws ModelError where there is none of these, or the file is damaged or an ONNX file;
 * ParameterError for a configuration or a number of frames that does not fit.
 */
export async function openSubject(
  name: string,
  { config, frames, store }: SubjectOptions,
): Promise<CostSubject> {
  const folder = await findPack(name);
  if (folder !== undefined) {
    if (config !== undefined)
      throw new ParameterError('--config', 'a network or a checkpoint, no pack', name);
    const pack = await loadPack(folder.folder);
    return { kind: 'pack', folder: folder.folder, pack: packFor(pack, frames) };
  }
  const known = imageNetworks.find((network) => network.name === name);
  const { network, statedConfig, ...found } =
    known === undefined
      ? await openCheckpoint(name, store, config === undefined ? {} : { config })
      : {
          network: known,
          statedConfig: config ?? {},
          config: parseConfiguration(known, config ?? {}),
        };
  return {
    kind: 'network',
    network,
    config: frames === undefined ? found.config : configFor(network, found.config, frames),
    statedConfig,
  };
}

async function openCheckpoint(name: string, store: string, options: CheckpointOptions) {
  const { bytes, path } = await readModelFile(await findModel(name, store));
  const decoded = decodeModel(bytes, path, options);
  if (decoded.kind === 'onnx')
    throw new ModelError(path, 'is an ONNX file, whose operators are not counted here');
  if (decoded.kind === 'perceptual')
    throw new ModelError(
      path,
      `is ${decoded.module.network.name}, which judges images; see dp-ir models inspect`,
    );
  const { network, config, statedConfig = config } = decoded.module;
  return { network, config, statedConfig };
}

/** A pack whose restoration network takes so many frames. */
export function packFor(pack: Pack, frames: number | undefined): Pack {
  const { restorer } = pack;
  if (frames === undefined) return pack;
  if (isOnnx(restorer)) throw new ParameterError('--frames', 'a pack for bursts', frames);
  const config = configFor(restorer.network, restorer.config, frames);
  return { ...pack, restorer: { ...restorer, config } };
}

/**
 * A configuration for so many frames of a burst.
 * @throws ParameterError for a network that does not take them.
 */
export function configFor(network: ImageNetwork, config: unknown, frames: number): unknown {
  if (network.role !== 'burst-restorer')
    throw new ParameterError('--frames', `no frames: ${network.name} takes no bursts`, frames);
  const fixed = network.frames(config);
  if (fixed === frames) return config;
  if (network.withFrames !== undefined) return network.withFrames(config, frames);
  throw new ParameterError('--frames', `${fixed} with ${network.name}`, frames);
}
