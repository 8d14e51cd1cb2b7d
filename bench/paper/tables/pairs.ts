/** Restoration networks and denoisers by letters, the restoration network first. */
export const pairs = ['aa', 'ab', 'ba', 'bb'] as const;
export type Pair = (typeof pairs)[number];

/** The pack of a pair, with the fusion network trained between another pair or in another way. */
export function packOf(pair: Pair, fusion: string = pair): string {
  const [restorer, denoiser] = pair;
  return `pack:sr4@tau=20@steps=8@restorer={restorer-${restorer}}@denoiser={denoiser-${denoiser}}@fusion={fusion-${fusion}}`;
}

/** What a pair is called. */
export function pairName(pair: Pair): string {
  return `restorer ${pair[0]} with denoiser ${pair[1]}`;
}

/** What the letters stand for. */
export const PAIR_NOTE =
  'Restorer a is that of the pack sr4 and restorer b a small RRDB trained briefly, so that a is the better one. Denoiser a is the one that the packs share, denoiser b has half its parameters and is trained briefly. Fusion networks are the compact one, trained alike and briefly.';
