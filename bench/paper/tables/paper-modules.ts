/** The paper's denoiser, MIRNet-S, as `mirnet` is configured. */
export const MIRNET_S = { in_channels: 4, n_MSRB: 1 } as const;

const SWINIR_CLASSICAL = {
  ...{ upscale: 4, img_size: 64, window_size: 8, embed_dim: 180, mlp_ratio: 2 },
  ...{ depths: [6, 6, 6, 6, 6, 6], num_heads: [6, 6, 6, 6, 6, 6] },
  ...{ upsampler: 'pixelshuffle', resi_connection: '1conv' },
};

/** What the paper joins for each task, what that was trained on, and its number of evaluations. */
export const papersTasks = [
  {
    ...{ task: 'bursts', title: 'BSRT-Small, 14 frames', network: 'bsrt', config: {} },
    ...{ entry: 'bsrt-small-synthetic', data: '46 k synthetic bursts of 14 frames', nfe: 6 },
  },
  {
    ...{ task: 'deblurring', title: 'FFTformer', network: 'fftformer', config: {} },
    ...{ entry: 'fftformer-gopro', data: 'GoPro, 2103 pairs', nfe: 6 },
  },
  {
    ...{ task: 'super-resolution by 4', title: 'SwinIR', network: 'swinir' },
    ...{ config: SWINIR_CLASSICAL, entry: 'swinir-classical-x4' },
    ...{ data: 'DIV2K, 800 images', nfe: 51 },
  },
] as const;

/** Those of its ablations. */
export const papersOthers = [
  { network: 'bsrt', config: { model_level: 'L' }, entry: 'bsrt-large-synthetic' },
  { network: 'rrdb', config: {}, entry: 'rrdb-psnr-x4' },
] as const;
