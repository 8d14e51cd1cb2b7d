import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { createDegradation } from '../src/degradation/index.js';
import { uniformAt } from '../src/tensor/random.js';
import { tensor } from '../src/tensor/tensor.js';
import { describeMachine } from './machine.js';

/**
 * Time to degrade one crop with its margin on one thread: elapsed, and of the processor alone.
 *
 *   npx tsx bench/degradations.ts [--crop 192] [--crops 100]
 */
const { values } = parseArgs({
  options: {
    crop: { type: 'string', default: '192' },
    crops: { type: 'string', default: '100' },
  },
});
const crop = Number(values.crop);
const crops = Number(values.crops);

const cases = [
  { kind: 'motion-blur', strength: 'light' },
  { kind: 'motion-blur', strength: 'medium' },
  { kind: 'motion-blur', strength: 'medium', objects: false },
  { kind: 'motion-blur', strength: 'strong' },
  { kind: 'noise', sigma: 0.1 },
  { kind: 'jpeg', quality: 75 },
  { kind: 'bicubic', scale: 4 },
];

console.log(JSON.stringify(describeMachine()));
console.log('| degradation | side with margin | ms | processor ms |');
console.log('|---|---:|---:|---:|');
for (const settings of cases) {
  const { apply, margin } = createDegradation(settings);
  const side = crop + 2 * margin;
  const data = Float32Array.from({ length: 3 * side * side }, (_, at) => uniformAt(0, 0, at));
  const image = tensor([3, side, side], data);
  for (let index = 0; index < 30; index++) apply(image, { seed: 1, index });
  const started = performance.now();
  const used = process.cpuUsage();
  for (let index = 0; index < crops; index++) apply(image, { seed: 2, index });
  const { user, system } = process.cpuUsage(used);
  const elapsed = (performance.now() - started) / crops;
  const processor = (user + system) / 1000 / crops;
  const name = Object.entries(settings).map(([key, value]) => `${key} ${value}`);
  console.log(`| ${name.join(', ')} | ${side} | ${elapsed.toFixed(1)} | ${processor.toFixed(1)} |`);
}
