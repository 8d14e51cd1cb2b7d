import { expect, test } from 'vitest';
import { documentOf, findingLine, sectionHeading, sectionsOf } from './document.js';

const section = (number: number, finding: string) => ({
  number,
  text: [sectionHeading(number, `title ${number}`), '', findingLine(finding), '', '### part'].join(
    '\n',
  ),
});

test('sections stand in the order of their tables, below a list of what was found', () => {
  const text = documentOf(undefined, [section(10, 'ten'), section(9, 'nine')], '# Results\n');
  expect(text).toBe(
    [
      ...['# Results', '', '- Table 9: title 9. Nine', '- Table 10: title 10. Ten', ''],
      ...['## Table 9: title 9', '', 'Found: nine', '', '### part', ''],
      ...['## Table 10: title 10', '', 'Found: ten', '', '### part', ''],
    ].join('\n'),
  );
});

test('a new section takes the place of the old one, and others stay', () => {
  const old = documentOf(undefined, [section(3, 'old'), section(6, 'kept')], '# Old head');
  const text = documentOf(old, [section(3, 'new')], '# Head');
  expect(text).toBe(documentOf(undefined, [section(3, 'new'), section(6, 'kept')], '# Head'));
  expect(documentOf(text, [], '# Head')).toBe(text);
});

test('what is no section of a table is not taken for one', () => {
  expect(sectionsOf('# Head\n\n## Notes\n\ntext\n\n## Table 4: x\n\n- a\n\n## More\n')).toEqual([
    { number: 4, text: '## Table 4: x\n\n- a' },
  ]);
});
