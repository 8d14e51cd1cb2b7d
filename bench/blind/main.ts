import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Sharp } from 'sharp';
import sharp from 'sharp';
import { writeFileAtomic } from '../../src/files/write-atomic.js';
import { ParameterError } from '../../src/utils/errors.js';
import { CROP, chooseCrops, countVotes, type Key, regionsSchema, type Side } from './choice.js';

const USAGE = `npx tsx bench/blind/main.ts make --samples FOLDER --restored FOLDER --targets FOLDER -o FOLDER
npx tsx bench/blind/main.ts count --key FILE VOTES...
A blind choice between samples and the restoration network's own results.
  make          writes pairs/NN.png, both crops at 3:1 with the sides at random, and key.json
  --samples F   results of the pack, NAME.png each; --restored F those of its restoration network
  --targets F   the true images, for control pairs against enlarged small ones
  --regions F   default bench/blind/regions.json
  --seed N      of the crops (default 1)
  --count N     pairs (default 20)
  --controls N  control pairs among them (default 5)
  count         counts votes: JSON files such as {"01": "left"}`;
const ZOOM = 3;
const GAP = 12;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    samples: { type: 'string' },
    restored: { type: 'string' },
    targets: { type: 'string' },
    output: { type: 'string', short: 'o' },
    regions: { type: 'string', default: new URL('./regions.json', import.meta.url).pathname },
    seed: { type: 'string', default: '1' },
    count: { type: 'string', default: '20' },
    controls: { type: 'string', default: '5' },
    key: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

function required(name: 'samples' | 'restored' | 'targets' | 'output' | 'key'): string {
  const value = values[name];
  if (value === undefined) throw new ParameterError(`--${name}`, 'a path', value);
  return value;
}

async function json(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, 'utf8'));
}

type Place = { readonly left: number; readonly top: number };

/** A crop at 3:1 without interpolation. */
async function enlarged(image: Sharp, { left, top }: Place): Promise<Buffer> {
  const crop = await image.extract({ left, top, width: CROP, height: CROP }).png().toBuffer();
  return sharp(crop)
    .resize(CROP * ZOOM, CROP * ZOOM, { kernel: 'nearest' })
    .png()
    .toBuffer();
}

async function besides(left: Buffer, right: Buffer): Promise<Buffer> {
  const side = CROP * ZOOM;
  return sharp({
    create: { width: 2 * side + GAP, height: side, channels: 3, background: '#808080' },
  })
    .composite([
      { input: left, left: 0, top: 0 },
      { input: right, left: side + GAP, top: 0 },
    ])
    .png()
    .toBuffer();
}

async function make(): Promise<void> {
  const [samples, restored, targets] = ['samples', 'restored', 'targets'].map((name) =>
    required(name as 'samples'),
  ) as [string, string, string];
  const output = required('output');
  const regions = regionsSchema.parse(await json(values.regions));
  const [count, controls] = [Number(values.count), Number(values.controls)];
  const crops = chooseCrops(regions, Number(values.seed), count + controls);
  await mkdir(join(output, 'pairs'), { recursive: true });
  const pairs: Record<string, { side: Side; control: boolean }> = {};
  // Controls stand anywhere among the others.
  const order = crops
    .map((crop, index) => ({ crop, control: index >= count, rank: randomBytes(4).readUInt32LE() }))
    .sort((a, b) => a.rank - b.rank);
  for (const [index, { crop, control }] of order.entries()) {
    const { image } = crop;
    const target = () => sharp(join(targets, `${image}.jpg`)).removeAlpha();
    const good = control ? target() : sharp(join(samples, `${image}.png`));
    let other = sharp(join(restored, `${image}.png`));
    if (control) {
      const { width, height } = await target().metadata();
      const small = await target()
        .resize(Math.ceil(width / 4), Math.ceil(height / 4), { kernel: 'cubic' })
        .png()
        .toBuffer();
      other = sharp(
        await sharp(small).resize(width, height, { kernel: 'cubic', fit: 'fill' }).png().toBuffer(),
      );
    }
    const [first, second] = [await enlarged(good, crop), await enlarged(other, crop)];
    const side: Side = randomBytes(1)[0]! % 2 === 0 ? 'left' : 'right';
    const name = String(index + 1).padStart(2, '0');
    const bytes = await (side === 'left' ? besides(first, second) : besides(second, first));
    await writeFileAtomic(join(output, 'pairs', `${name}.png`), bytes);
    pairs[name] = { side, control };
  }
  const key: Key = { pairs };
  await writeFileAtomic(
    join(output, 'key.json'),
    new TextEncoder().encode(`${JSON.stringify(key, null, 2)}\n`),
  );
  process.stdout.write(`${join(output, 'pairs')}: ${order.length} pairs\n`);
}

async function count(): Promise<void> {
  const key = (await json(required('key'))) as Key;
  const votes = await Promise.all(positionals.slice(1).map(json));
  const { preferred, pairs, judges, controls } = countVotes(key, votes as never);
  process.stdout.write(`samples preferred by most judges: ${preferred} of ${pairs}\n`);
  for (const [index, judge] of judges.entries())
    process.stdout.write(
      `judge ${index + 1}: ${judge.preferred} of ${pairs}; control pairs right: ${judge.controls} of ${controls}\n`,
    );
}

if (values.help || !['make', 'count'].includes(positionals[0] ?? ''))
  process.stdout.write(`${USAGE}\n`);
else await (positionals[0] === 'make' ? make() : count());
