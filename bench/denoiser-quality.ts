import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { input, lowerToOnnx, ParameterScope } from '../src/graph/index.js';
import { decodeImage } from '../src/images/decode.js';
import { psnr } from '../src/metrics/psnr.js';
import { loadModuleFile } from '../src/models/write-pack.js';
import { buildDenoiser } from '../src/networks/roles.js';
import { fillNormalImage } from '../src/tensor/image-noise.js';
import { type Tensor, tensor } from '../src/tensor/tensor.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    denoiser: { type: 'string', default: 'models/sr4/denoiser.safetensors' },
    levels: { type: 'string', default: '6.7,25,50' },
    threads: { type: 'string', default: '2' },
    seed: { type: 'string', default: '0' },
  },
});

const { network, config, weights } = await loadModuleFile(values.denoiser);
const runner = await createLocalRunner({ threads: Number(values.threads) });
const metric = psnr.open({ colourSpace: 'rgb' });

async function denoise(noisy: Tensor, sigma: number): Promise<Tensor> {
  const [, height, width] = noisy.shape as [number, number, number];
  const compiled = await runner.compile(`${height}x${width}`, () => {
    const image = input('image', [1, 3, height, width]);
    const level = input('sigma', [1, 1, 1, 1]);
    const output = buildDenoiser(network, config, new ParameterScope(), image, level);
    return lowerToOnnx({ outputs: { output }, weights }).bytes;
  });
  const image = tensor([1, ...noisy.shape], noisy.data);
  const { output } = await compiled.run({ image, sigma: tensor([1, 1, 1, 1], [sigma]) });
  return tensor(
    noisy.shape,
    (output as Tensor).data.map((value) => Math.min(1, Math.max(0, value))),
  );
}

for (const folder of positionals) {
  const names = (await readdir(folder)).filter((name) => /\.(png|jpe?g)$/i.test(name)).sort();
  for (const level of values.levels.split(',').map(Number)) {
    const sigma = level / 255;
    let sum = 0;
    for (const name of names) {
      const { tensor: clean } = await decodeImage(join(folder, name));
      const [channels, height, width] = clean.shape as [number, number, number];
      const noise = new Float32Array(clean.data.length);
      const place = { seed: Number(values.seed), stream: 0, top: 0, left: 0 };
      fillNormalImage(noise, { ...place, channels, height, width });
      const noisy = tensor(
        clean.shape,
        clean.data.map((value, index) => value + sigma * noise[index]!),
      );
      sum += metric.measure(await denoise(noisy, sigma), clean);
    }
    const figure = (sum / names.length).toFixed(2);
    process.stdout.write(`${basename(folder)}\tsigma ${level}/255\t${figure} dB\n`);
  }
}
await runner.dispose();
