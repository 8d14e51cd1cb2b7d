import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Text that stands once in a file, and what is added after it. */
type Insertion = readonly [anchor: string, added: string];

/** Something new that a contributor may want, as changes to the sources. */
export interface Extension {
  readonly name: string;
  /** Most files that it may touch. */
  readonly limit: number;
  /** By file: its whole text if it is new, else insertions. */
  readonly files: Readonly<Record<string, string | readonly Insertion[]>>;
}

/** `dp-ir restore --gain 0.5`: an option of restorations. */
const restoreOption: Extension = {
  name: 'restore option',
  limit: 3,
  files: {
    'src/restore-files/options.ts': [
      [
        'export const restoreOptions = {\n',
        `  gain: {
    ...sampling,
    schema: share,
    placeholder: '<factor>',
    help: 'factor of the result, 0 to 1',
    defaultText: '1',
    example: 0.5,
  },
`,
      ],
    ],
    'src/restoration/pipeline.ts': [
      [
        '  readonly detail?: number | undefined;\n',
        `  /** Factor of the result; default 1. */
  readonly gain?: number | undefined;
`,
      ],
      ['    const { finish', ': unscaled'],
      [
        ' } = await openFinish(restoration, window, restored, plan.result, consistency);\n',
        `    const finish: typeof unscaled = (estimate) => {
      const { shape, data } = unscaled(estimate);
      return { dataType: 'float32', shape, data: data.map((value) => value * (options.gain ?? 1)) };
    };
`,
      ],
    ],
  },
};

/** `--task jpeg`: removing the artefacts of strong JPEG compression. */
const task: Extension = {
  name: 'task',
  limit: 6,
  files: {
    'src/restoration/task-names.ts': [['export const taskNames = [', "'jpeg', "]],
    'src/restoration/tasks.ts': [
      [
        'export const tasks = {\n',
        `  jpeg: {
    title: 'removal of JPEG artefacts',
    input: imageKind,
    scales: [1],
    sampler: { tau: 5, steps: 5 },
  },
`,
      ],
    ],
    'src/training/tasks/jpeg.ts': `import { z } from 'zod';
import { throughJpeg } from '../../degradation/jpeg.js';
import { buildRestorer } from '../../networks/roles.js';
import { centre } from './samples.js';
import type { TrainingTaskDefinition } from './task.js';

const entries = {
  /** Quality of the compression on the scale of the Independent JPEG Group. */
  quality: z.int().min(1).max(100).default(20),
};

/** Training of the removal of JPEG artefacts. */
export const jpegTraining = {
  entries,
  lossEntries: {},
  cacheSamples: 0,
  defaults: {
    restorer: {
      entries: { crop: 96, loss: 'l1' },
      network: 'compact-restorer',
      config: { features: 48, blocks: 8, scale: 1 },
    },
    fusion: { crop: 96, timesteps: { maximum: 60, law: 'log-uniform' } },
  },
  open: ({ crop, quality }) => ({
    scale: 1,
    margin: 0,
    leastMargin: 0,
    input: { name: 'compressed', shape: [3, crop, crop] },
    extras: [],
    restoredError: 1e-3,
    restore: (network, config, scope, input) => ({
      estimate: buildRestorer(network, config, scope, input),
    }),
    degrade: (image) => ({
      input: centre(throughJpeg(image, quality), crop),
      target: centre(image, crop),
    }),
    toImage: (values) => values,
    shown: ({ input }) => input,
  }),
  cropSettings: ({ quality }) => ({ quality }),
} satisfies TrainingTaskDefinition<typeof entries>;
`,
    'src/training/tasks/index.ts': [
      [
        "import { deblurringTraining } from './deblurring.js';\n",
        "import { jpegTraining } from './jpeg.js';\n",
      ],
      ['export const trainingTasks = {\n', '  jpeg: jpegTraining,\n'],
    ],
    'src/benchmark/evaluation/tasks.ts': [
      [
        'export const evaluationTasks: Readonly<Record<TaskName, EvaluationTask>> = {\n',
        "  jpeg: { degradation: { kind: 'jpeg', quality: 20 }, baseline: 'input' },\n",
      ],
    ],
    'src/cli/commands/train/recipe-flags.ts': [
      [
        'const taskFlags = {\n',
        "  jpeg: [flag('--quality <q>', 'quality', 'of the compression, 1 to 100')],\n",
      ],
      ['const taskLossFlags = {\n', '  jpeg: [],\n'],
    ],
  },
};

/** `dp-ir shipped PAGE`: a report page and the command that writes it. */
const page: Extension = {
  name: 'report page',
  limit: 4,
  files: {
    'src/reports/shipped-page.ts': `import { escapeHtml, renderPage } from './page.js';

/** The page that lists the shipped packs. */
export function shippedPage(names: readonly string[]): string {
  const items = names.map((name) => \`<li>\${escapeHtml(name)}</li>\`);
  return renderPage({ title: 'Shipped packs', body: \`<ul>\${items.join('')}</ul>\` });
}
`,
    'src/cli/commands/shipped.ts': `import { writeFileAtomic } from '../../files/write-atomic.js';
import { shippedPacks } from '../../models/packs.js';
import { shippedPage } from '../../reports/shipped-page.js';
import { type CliCommand, exitCodes } from '../command.js';

/** Writes a page that lists the shipped packs. */
export const command: CliCommand = {
  name: 'shipped',
  configure: (command) => command.argument('<page>', 'HTML file to write'),
  run: async ({ arguments: [file], report }) => {
    const names = await shippedPacks();
    await writeFileAtomic(String(file), new TextEncoder().encode(shippedPage(names)));
    report.result({ packs: names }, \`\${names.length} packs\`);
    return exitCodes.done;
  },
};
`,
    'src/cli/program.ts': [
      [
        'export const commands: readonly LazyCommand[] = [\n',
        `  {
    name: 'shipped',
    description: 'list the shipped packs on an HTML page',
    load: () => import('./commands/shipped.js'),
  },
`,
      ],
    ],
  },
};

export const extensions = { restoreOption, task, page } as const;

/**
 * Applies an extension to a copy of the repository.
 * @returns the files that it touched
 * @throws Error for an anchor that does not stand in its file exactly once
 */
export async function applyExtension(folder: string, { files }: Extension): Promise<string[]> {
  for (const [name, change] of Object.entries(files)) {
    const file = path.join(folder, name);
    if (typeof change === 'string') {
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, change, { flag: 'wx' });
      continue;
    }
    let text = await readFile(file, 'utf8');
    for (const [anchor, added] of change) {
      const parts = text.split(anchor);
      if (parts.length !== 2)
        throw new Error(
          `${name} has ${parts.length - 1} times the anchor ${JSON.stringify(anchor)}`,
        );
      text = `${parts[0]}${anchor}${added}${parts[1]}`;
    }
    await writeFile(file, text);
  }
  return Object.keys(files);
}
