import type { SkipReason } from '../../app/restore/batch/restore-all.js';
import type { RestoreFacts } from '../../app/restore/restore-request.js';
import { resultPaths } from '../../app/restore/samples/samples.js';
import type { Report } from '../report.js';
import { repeatCommand } from './repeat-command.js';
import type { RestoreCliOptions } from './restore-options.js';
import { summary } from './texts.js';

/** Says what a restoration gave, and how to have it again. */
export function tellResult(
  report: Report,
  options: RestoreCliOptions,
  target: { readonly input: string | readonly string[]; readonly output: string },
  facts: RestoreFacts,
): void {
  if (facts.beyondTraining)
    report.warning(`tau ${facts.settings.tau} is beyond what the modules were trained for`);
  const command = repeatCommand(target, options, facts);
  const { samples, mean } = options;
  const isOne = samples === undefined && mean === undefined;
  const files = resultPaths(target.output, { samples, mean });
  report.result(
    { ...target, ...(!isOne && { files }), ...facts, command },
    summary(target.output, facts, files),
  );
}

/** Says why an image was not restored. */
export function tellSkipped(
  report: Report,
  { input, output }: { readonly input: string; readonly output: string },
  why: SkipReason,
): void {
  report.result({ input, output, skipped: why }, `${output}: ${reason(why)}`);
}

function reason(why: SkipReason): string {
  if (why.reason === 'done') return 'left as it is, restored from the same image and settings';
  if (why.reason === 'copied') return `copied from ${why.from}, the same image and settings`;
  return `left to process ${why.holder.pid} on ${why.holder.host}, which is working on it`;
}
