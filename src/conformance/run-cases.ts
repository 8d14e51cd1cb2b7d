import { type CaseFiles, findCases, type Kind, loadCase, passes } from './case.js';
import { checkpoint } from './kinds/checkpoint.js';
import { diffusion } from './kinds/diffusion.js';
import { bicubic, cameraPipeline, psnrSsim, warp } from './kinds/image-operations.js';
import { network, trainingStep } from './kinds/network.js';
import { perceptual } from './kinds/perceptual.js';

/** How many cases ended how. */
interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Runs every case of the folders and writes a line for each, `PASS|FAIL|SKIP name error tolerance`
 * and what more there is to say, then one that counts them. Whatever a case throws is its failure
 * alone.
 * @throws InputError where a folder cannot be listed.
 */
export async function runCases(
  folders: readonly string[],
  write: (line: string) => void,
  kinds: readonly Kind[] = allKinds,
): Promise<Tally> {
  const files = (await Promise.all(folders.map(findCases))).flat();
  const tally = { passed: 0, failed: 0, skipped: 0 };
  for (const file of files) {
    const { verdict, text } = await judge(file, kinds);
    tally[verdict === 'PASS' ? 'passed' : verdict === 'FAIL' ? 'failed' : 'skipped'] += 1;
    write(`${verdict} ${file.name} ${text}`);
  }
  write(`${tally.passed} passed, ${tally.failed} failed, ${tally.skipped} skipped`);
  return tally;
}

interface Judgement {
  readonly verdict: 'PASS' | 'FAIL' | 'SKIP';
  readonly text: string;
}

async function judge(files: CaseFiles, kinds: readonly Kind[]): Promise<Judgement> {
  try {
    const candidate = await loadCase(files);
    const kind = kinds.find((each) => each.recognises(candidate));
    if (kind === undefined) return { verdict: 'SKIP', text: '- - no kind of case looks like this' };
    const result = await kind.run(candidate);
    if ('skip' in result) return { verdict: 'SKIP', text: `- - ${result.skip}` };
    const { error, tolerance, part } = result;
    return {
      verdict: passes(result) ? 'PASS' : 'FAIL',
      text: `${figure(error)} ${figure(tolerance)}${part === undefined ? '' : ` (${part})`}`,
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { verdict: 'FAIL', text: `- - ${message.replace(/\s+/g, ' ').slice(0, 500)}` };
  }
}

function figure(value: number): string {
  return value === 0 ? '0' : value.toExponential(2);
}

/** Every sort of case; the first that recognises a case runs it, so the special ones come first. */
export const allKinds: readonly Kind[] = [
  checkpoint,
  trainingStep,
  perceptual,
  network,
  diffusion,
  cameraPipeline,
  warp,
  bicubic,
  psnrSsim,
];
