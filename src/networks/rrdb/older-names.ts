/** A dense layer's name, the block and the layer counted from 1. */
type LayerName = (group: number, block: number, layer: number) => string;

/** One form of the network's names. */
interface Form {
  readonly layer: LayerName;
  /** First convolution, that after the blocks, the two after the doublings, and the last two. */
  readonly around: (blocks: number) => readonly string[];
}

const current: Form = {
  layer: (group, block, layer) => `body.${group}.rdb${block}.conv${layer}`,
  around: () => ['conv_first', 'conv_body', 'conv_up1', 'conv_up2', 'conv_hr', 'conv_last'],
};

/** ESRGAN's own repository, before the network moved to BasicSR. */
const second: Form = {
  layer: (group, block, layer) => `RRDB_trunk.${group}.RDB${block}.conv${layer}`,
  around: () => ['conv_first', 'trunk_conv', 'upconv1', 'upconv2', 'HRconv', 'conv_last'],
};

/** The first publication, a sequence of numbered layers. */
const first: Form = {
  layer: (group, block, layer) => `model.1.sub.${group}.RDB${block}.conv${layer}.0`,
  around: (blocks) => [
    'model.0',
    `model.1.sub.${blocks}`,
    'model.3',
    'model.6',
    'model.8',
    'model.10',
  ],
};

/** Every form, the current one first. */
export const forms: readonly Form[] = [current, second, first];

/** Names of the older forms, each with the current one. */
export function olderNames(groups: number, blocks: number, layers: number): Map<string, string> {
  const names = new Map<string, string>();
  const both = (older: string, name: string): void => {
    if (older === name) return;
    for (const part of ['weight', 'bias']) names.set(`${older}.${part}`, `${name}.${part}`);
  };
  for (const form of forms.slice(1)) {
    const around = current.around(groups);
    form.around(groups).forEach((older, place) => {
      both(older, around[place]!);
    });
    for (let group = 0; group < groups; group += 1)
      for (let block = 1; block <= blocks; block += 1)
        for (let layer = 1; layer <= layers; layer += 1)
          both(form.layer(group, block, layer), current.layer(group, block, layer));
  }
  return names;
}
