import type { SamplerRequest } from '../../diffusion/index.js';
import type { ConsistencyKind } from '../../restoration/index.js';

/** Something that makes pictures out of degraded ones. */
export type MethodSpec = NetworkMethod | BaselineMethod | OutputsMethod;

/** A pack with its sampler, or its restoration network alone. */
export interface NetworkMethod {
  readonly kind: 'pack' | 'restorer';
  /** How results call it. */
  readonly name: string;
  /** Folder of a pack, or the name of a shipped one. */
  readonly pack: string;
  /** What the pack does not decide; a restoration network has none. */
  readonly sampler?: SamplerRequest | undefined;
  /** Files whose modules take the place of the pack's. */
  readonly modules?:
    | Readonly<Partial<Record<'restorer' | 'denoiser' | 'fusion', string>>>
    | undefined;
  /** Largest side of a tile in pixels of the networks' output; default: that of the pack. */
  readonly tile?: number | undefined;
  /** How the result agrees with the input and how far it is the sample; default: the pack's. */
  readonly consistency?: ConsistencyKind | undefined;
  readonly detail?: number | undefined;
  /** Of bursts: most frames that are used, the sharpest. */
  readonly frames?: number | undefined;
  /** Go beyond the largest t that the modules were trained for. */
  readonly beyondTraining?: boolean | undefined;
}

/** The input brought to the size of its target without a network. */
export interface BaselineMethod {
  readonly kind: 'bicubic' | 'input';
  readonly name: string;
}

/** Pictures that somebody made, found by the names of the examples. */
export interface OutputsMethod {
  readonly kind: 'outputs';
  readonly name: string;
  readonly folder: string;
}
