import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { createLocalRunner } from '../src/engine/local-runner.js';
import { DpirError } from '../src/utils/errors.js';
import { measuredOn } from './machine.js';
import { compareStep, type Disagreement, type StepComparison } from './webgpu/compare-step.js';
import { smallRecipes } from './webgpu/recipes.js';

const USAGE = `npx tsx bench/webgpu-training.ts [options]
  --only TEXT     recipes whose name contains it
  --device NAME   compared with the CPU (default: webgpu)
  --write         writes docs/webgpu-training.md; only with all recipes, where all agree
Compares one training step on the CPU with the same step on WebGPU: exits with 1 where a tensor
differs by more than 1e-3 of its largest entry, or a step does not run.

Without a GPU, SwiftShader is an adapter: Debian's package chromium has it and a Vulkan loader.
  LD_LIBRARY_PATH=/usr/lib/chromium VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json \\
    npx tsx bench/webgpu-training.ts
LD_LIBRARY_PATH is not needed where the package libvulkan1 is installed.`;

/** Largest difference that is agreement, of a tensor's largest entry. */
const TOLERANCE = 1e-3;

interface Row {
  readonly name: string;
  readonly outcome: StepComparison | string;
}

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    device: { type: 'string', default: 'webgpu' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else if (values.write && values.only !== '') fail('--write needs all recipes', 2);
else await compareAll();

async function compareAll(): Promise<void> {
  const cpu = await createLocalRunner({ threads: 1 });
  const other = await createLocalRunner({ device: values.device, threads: 1 }).catch(
    (error: Error) => fail(`${error.message}\n\n${USAGE}`, 1),
  );
  if (other === undefined) return;
  console.log(header());
  const rows: Row[] = [];
  for (const small of smallRecipes()) {
    if (!small.name.includes(values.only)) continue;
    const outcome = await compareStep(small, cpu, other).catch(refusal);
    rows.push({ name: small.name, outcome });
    console.log(line(rows.at(-1)!));
  }
  const { effective, runtime } = other.device;
  await cpu.dispose();
  await other.dispose();
  const failed = rows.filter((row) => !agrees(row)).map(({ name }) => name);
  if (rows.length === 0) fail(`no recipe is called ${values.only}`, 2);
  else if (failed.length > 0) fail(`no agreement within ${TOLERANCE}: ${failed.join('; ')}`, 1);
  else if (values.write)
    await writeFile(
      join(import.meta.dirname, '../docs/webgpu-training.md'),
      document(rows, `${effective}, ${runtime}`),
    );
}

function fail(message: string, code: number): undefined {
  console.error(message);
  process.exitCode = code;
}

/** What the engine or a network says against a step; anything else is a defect. */
function refusal(error: unknown): string {
  if (error instanceof DpirError) return error.message;
  throw error;
}

function agrees({ outcome }: Row): boolean {
  if (typeof outcome === 'string') return false;
  const { loss, gradients, state } = outcome;
  return [loss, gradients, state].every(({ largest }) => largest <= TOLERANCE);
}

function header(): string {
  return [
    '| recipe | parameters | loss | gradients | state after | seconds |',
    '|---|---:|---:|---:|---:|---:|',
  ].join('\n');
}

function line({ name, outcome }: Row): string {
  if (typeof outcome === 'string') return `| ${name} | ${outcome} |`;
  const { parameters, loss, gradients, state, seconds } = outcome;
  const cells = [
    name,
    parameters,
    loss.largest.toExponential(1),
    described(gradients),
    described(state),
    seconds.toFixed(0),
  ];
  return `| ${cells.join(' | ')} |`;
}

function described({ largest, tensor }: Disagreement): string {
  return `${largest.toExponential(1)} (\`${tensor}\`)`;
}

/** The adapter as far as the environment names it; the runtime does not tell. */
function adapter(): string {
  const driver = process.env.VK_DRIVER_FILES;
  if (driver === undefined) return "the system's own adapter";
  const { ICD } = JSON.parse(readFileSync(driver, 'utf8')) as { ICD: { library_path: string } };
  return `\`${basename(ICD.library_path)}\``;
}

function document(rows: readonly Row[], device: string): string {
  return `# A training step on the CPU and on WebGPU

One step of each recipe from the same state and the same batch, as \`dp-ir train\` would build it for either device. Weights are made up and the moments are those after two steps on the CPU. Each figure is the largest difference within a tensor over the largest entry of that tensor, for the worst tensor, which is named; the bound is ${TOLERANCE}. "State after" are parameters, both moments and averaged weights. Networks and crops are tiny, since the adapter computes on the CPU; most of the seconds go into compiling shaders.

${header()}
${rows.map(line).join('\n')}

${device} on ${adapter()}; ${measuredOn()}.

    npx tsx bench/webgpu-training.ts --write

\`npx tsx bench/webgpu-training.ts --help\` tells how to run it without a GPU.
`;
}
