import { expect, test } from 'vitest';
import type { RequestedColumn } from '../../src/benchmark/evaluation/plan.js';
import { documentOf } from './document.js';
import type { Finding, MeasuredExperiment } from './measure-table.js';
import { withoutPlaces } from './places.js';
import { type SectionFacts, sectionOf } from './section.js';
import type { EvaluationTable } from './table.js';

const table: EvaluationTable = {
  ...{ kind: 'evaluation', number: 6, title: 'tau', claim: 'larger is prettier.' },
  ...{ notes: ['A note.'], experiments: [] },
};
const column: RequestedColumn = {
  ...{ name: 'psnr', direction: 'higher', range: [0, 100], unit: 'dB', colourSpace: 'rgb' },
  ...{ border: 0, version: '1', key: 'psnr rgb 0 v1', label: 'psnr', request: 'psnr' },
};

function finding(says: string, gain: number, p: number): Finding {
  return {
    comparison: { says, row: 'a', against: 'b', metrics: ['psnr'], expected: { within: 0.1 } },
    ...{ dataset: 'set5', column },
    gain: { gain, interval: { low: gain - 0.04, high: gain + 0.04 }, images: 5, least: -0.1, p },
  };
}

const measured: MeasuredExperiment = {
  tables: [
    {
      title: 'set5, 5 images',
      columns: [{ label: 'psnr (dB)', better: 'higher' }],
      rows: [
        {
          name: 'a',
          cells: [{ text: '30.00', value: 30, best: true }],
          command: 'dp-ir evaluate /here/data/test/set5 -o /here/runs/results-a',
        },
      ],
    },
  ],
  findings: [
    finding('one', -0.25, 0.001),
    finding('one', 0.25, 0.0001),
    finding('two', -0.2, 0.06),
  ],
  missingMetrics: [{ request: 'lpips-alex', missing: 'no weights' }],
  failures: [{ dataset: 'set5', method: 'a', item: 'x', seed: 0, message: 'is damaged' }],
  leftOut: ['c: fusion-x missing'],
};

const facts: SectionFacts = {
  ...{ table, measured: [measured], made: ['dp-ir data make'], origin: 'Command.' },
  modules: [{ text: 'fusion-y, trained for 5 steps', command: 'dp-ir train' }],
};

test('a section tells scores, commands, outcomes and what is left out', () => {
  const { text } = sectionOf(facts);
  expect(text).toContain('## Table 6: tau\n\nThe paper: larger is prettier.');
  expect(text).toContain(
    'Found: one: psnr holds 1 of 2 and does not hold 1 of 2; two: psnr undecided 1 of 1; rows are left out.',
  );
  expect(text).toContain('### set5, 5 images');
  expect(text).toContain('| a | **30.00** |');
  expect(text).toContain(
    '| one | a | b | set5 | 5 | psnr | −0.25 [−0.29, −0.21] | above −0.1 | 0.002 | does not hold |',
  );
  for (const lack of ['c: fusion-x missing', 'lpips-alex: no weights', 'set5, a, x, is damaged'])
    expect(text).toContain(`- ${lack}`);
  expect(text).toContain('- fusion-y, trained for 5 steps: `dp-ir train`');
});

test('a section of the document is the section as it was written', () => {
  const { number, text } = sectionOf(facts);
  const document = documentOf(undefined, [{ number, text }], '# Head');
  expect(document.endsWith(`${text}\n`)).toBe(true);
  expect(document).toContain('- Table 6: tau. One: psnr holds');
});

test('nothing is found where nothing was measured', () => {
  const nothing = { ...measured, tables: [], findings: [] };
  expect(sectionOf({ ...facts, measured: [nothing] }).text).toContain(
    'Found: nothing can be compared; rows are left out.',
  );
});

test('counted rows stand with their commands', () => {
  const rows = [{ cells: ['sr4', '1'], command: 'count' }];
  const tables = [{ title: 'Ours', columns: ['pack', 'MAC'], rows }];
  const { text } = sectionOf({ ...facts, measured: [], counted: { tables, finding: 'few' } });
  expect(text).toContain('Found: few.');
  expect(text).toContain('### Ours\n\n| pack | MAC |\n| --- | --- |\n| sr4 | 1 |');
  expect(text).toContain('- sr4:\n\n      count');
});

test('folders of this machine are variables', () => {
  const places = { data: '/here', runs: '/here/runs' };
  expect(withoutPlaces('x /here/test/set5 -o /here/runs/results', places)).toBe(
    'x $DATA/test/set5 -o $RUNS/results',
  );
  const quoted = `--methods 'pack:x@fusion=/here/runs/f@name=a b' --degradation '{"a": 1}'`;
  expect(withoutPlaces(quoted, places)).toBe(
    `--methods "pack:x@fusion=$RUNS/f@name=a b" --degradation '{"a": 1}'`,
  );
});

test('statements of all parts of a table are one family', () => {
  const [first] = measured.findings;
  const weak = { ...first!, gain: { ...first!.gain, p: 0.03 } };
  const single = { ...measured, findings: [weak] };
  const outcome = (parts: readonly MeasuredExperiment[]) =>
    sectionOf({ ...facts, measured: parts }).text;
  expect(outcome([single])).toContain('| 0.030 | does not hold |');
  expect(outcome([single, single])).toContain('| 0.060 | undecided |');
});
