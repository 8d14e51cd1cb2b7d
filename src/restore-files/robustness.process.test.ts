import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../files/testing/temporary-folder.js';
import { tinyPack } from '../models/testing/tiny-pack.js';
import { killRestorations } from './testing/kills.js';
import { drift, soak } from './testing/soak.js';

const folder = await temporaryFolder();
const pack = await tinyPack(await temporaryFolder());

test.runIf(process.platform === 'linux')(
  'restorations one after another leave no handle, file or process, and little memory',
  async () => {
    const result = await soak({ folder: join(folder, 'soak'), pack, restorations: 30, every: 5 });
    expect(result).toMatchObject({ left: [], handles: [], results: ['tiny.png'] });
    expect(result.files).toBeLessThanOrEqual(0);
    expect(result.children).toHaveLength(1);
    expect(drift(result.looks, 15).above).toBeLessThan(0.1);
  },
);

test.runIf(process.platform === 'linux')(
  'killing the program or its engine process leaves whole results and no process',
  async () => {
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const main = join(import.meta.dirname, '../cli/main.ts');
    const program = [process.execPath, '--import', tsx, main] as const;
    const call = {
      folder: join(folder, 'kills'),
      pack,
      program: [...program] as [string, ...string[]],
      images: 3,
    };
    const result = await killRestorations({ ...call, kills: 6, seed: 1 });
    expect(result).toMatchObject({ kills: 6, wholeRuns: 2 });
    expect(result.ofParent).toBeGreaterThan(0);
    expect(result.ofParent).toBeLessThan(6);
  },
);
