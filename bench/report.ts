import type { Machine } from './machine.js';
import type { Measured } from './measure.js';
import type { BenchOptions } from './options.js';
import type { Peak } from './peak.js';
import type { PytorchFacts } from './pytorch-side.js';

/** Everything that a run found. */
export interface BenchReport {
  readonly date: string;
  readonly command: string;
  readonly machine: Machine;
  /** Of a core; undefined where the processor does not tell. */
  readonly peak: Peak | undefined;
  readonly options: Pick<BenchOptions, 'rounds' | 'threads' | 'duration' | 'clock' | 'busyWait'>;
  readonly pytorch: PytorchFacts | undefined;
  readonly results: readonly Measured[];
}

/** The table with all that is needed to read it, in Markdown. */
export function markdown(report: BenchReport): string {
  const { machine, options, pytorch } = report;
  const lines = [
    '# Speed',
    '',
    `Measured on ${report.date} by \`${report.command}\` in one run: ${machine.processor}, ${machine.cores} cores, ${machine.gibibytes} GiB, ${machine.system}, Node ${machine.node}, ${report.results[0]?.preparation.runtime}, ${pytorchText(pytorch)}. ${options.threads} threads on each side, float32, everything warm.`,
    '',
    ...table(report.results, report.peak),
    '',
    `${options.clock === 'cpu' ? 'Milliseconds are processor time of all threads together,' : 'Milliseconds are'} medians, in brackets the fastest. *times* is the ratio of the medians, PyTorch over ours, with the lowest and the highest ratio of a round; above 1, ours is faster. GFLOP/s count two operations per multiply-add of our graph, elementwise work not at all, and the same number for both sides.${peakText(report)} *difference* is the largest one between the two sides’ results on equal made-up weights and inputs: of outputs absolute, or relative to the largest value above 1; of trainings that of three losses and of all gradients, relative to the largest entry of each.`,
    '',
    `The sides run in processes of their own and take turns, ${options.rounds} rounds of about ${options.duration / 1000} s each, the other going first in every second round. Ours is an engine process with the settings of restorations, in trainings those of training runs${options.busyWait ? ' but for threads that wait busily' : ''}. PyTorch runs code written from the same architectures (\`bench/pytorch\`), under \`inference_mode\`, in the fastest of several ways of use, which the table names; it has the same settings of the memory allocator. Its matrix products are done by the BLAS library named above, whose speed the last line shows: Debian’s libblas is a reference implementation, OpenBLAS (option *torch-libraries*) the fair rival.`,
    '',
  ];
  return lines.join('\n');
}

function pytorchText(pytorch: PytorchFacts | undefined): string {
  if (pytorch === undefined) return 'no PyTorch: python3-torch is not installed';
  const libraries = pytorch.libraries.join(', ') || 'its own libraries';
  return `PyTorch ${pytorch.version} on Python ${pytorch.python} (${libraries})`;
}

function peakText({ peak, options }: BenchReport): string {
  if (peak === undefined) return '';
  const { gigahertz, perCycle, instructions } = peak;
  const one = gigahertz * perCycle;
  const text = `${gigahertz.toFixed(1)} GHz x ${perCycle} operations a cycle (${instructions}) = ${one.toFixed(0)} GFLOP/s`;
  return ` *of peak* is the share of the ${options.threads} threads’ theoretical peak at the clock that a busy core was measured to have, ${text} each.`;
}

/** The table alone. */
export function table(results: readonly Measured[], peak?: Peak): string[] {
  return [
    '| case | ours, ms | GFLOP/s | of peak | PyTorch, ms | GFLOP/s | times | asked for | difference | PyTorch’s way |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...results.map((result) => row(result, peak)),
  ];
}

function row({ bench, preparation, ours, pytorch }: Measured, peak: Peak | undefined): string {
  const rate = (milliseconds: number) => ((2 * preparation.macs) / milliseconds / 1e6).toFixed(0);
  const time = (timing: { median: number; minimum: number }) =>
    `${significant(timing.median)} (${significant(timing.minimum)})`;
  const most = peak && peak.gigahertz * peak.perCycle * preparation.threads;
  const share = most && (2 * preparation.macs) / ours.median / 1e6 / most;
  const cells = [
    bench.title,
    time(ours),
    rate(ours.median),
    share === undefined ? '' : `${(100 * share).toFixed(0)} %`,
  ];
  if (pytorch === undefined) cells.push('', '', '', '', '', '');
  else {
    const { ofMedians, lowestRound, highestRound } = pytorch.ratio;
    cells.push(
      time(pytorch.timing),
      rate(pytorch.timing.median),
      `${ofMedians.toFixed(2)} (${lowestRound.toFixed(2)}-${highestRound.toFixed(2)})`,
      bench.target?.toFixed(2) ?? '',
      pytorch.agreement.error.toExponential(0),
      pytorch.usage,
    );
  }
  return `| ${cells.join(' | ')} |`;
}

function significant(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
