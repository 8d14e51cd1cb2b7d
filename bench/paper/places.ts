import { join } from 'node:path';

/** Folders of this machine that tables are made from and in. */
export interface Places {
  /** Photographs: `test/set5` and its like to measure on, `train` to train on. */
  readonly data: string;
  /** What is trained, made and measured. */
  readonly runs: string;
}

/** The folder of a trained module. */
export function runFolder(name: string, { runs }: Places): string {
  return join(runs, name);
}

/** A word in single quotes with a variable, which a shell would not read there. */
const QUOTED = /(?<=\s)'([^'"`\\\n]*\$(?:DATA|RUNS)[^'"`\\\n]*)'/g;

/** Text in which folders of this machine are `$DATA` and `$RUNS`, as a shell reads them. */
export function withoutPlaces(text: string, { data, runs }: Places): string {
  const named = [
    [data, '$DATA'],
    [runs, '$RUNS'],
  ] as const;
  const longestFirst = [...named].sort(([one], [other]) => other.length - one.length);
  return longestFirst
    .reduce((result, [folder, name]) => result.replaceAll(folder, name), text)
    .replace(QUOTED, '"$1"');
}
