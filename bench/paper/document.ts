/** A section of the document of results: what stands under the heading of one table. */
export interface Section {
  readonly number: number;
  /** Markdown that begins with the section's heading. */
  readonly text: string;
}

const FINDING = 'Found: ';

/** The heading that begins the section of a table. */
export function sectionHeading(number: number, title: string): string {
  return `## Table ${number}: ${title}`;
}

/** The line of a section that tells what was found. */
export function findingLine(finding: string): string {
  return `${FINDING}${finding}`;
}

/**
 * The document with new sections in the place of old ones of the same tables; sections of other
 * tables stay as they are, all in the order of their numbers. The head with its list of findings is
 * written anew.
 * @param old the document as it was; absent for none.
 * @param head text before the list, with the title.
 */
export function documentOf(
  old: string | undefined,
  sections: readonly Section[],
  head: string,
): string {
  const all = new Map(sectionsOf(old ?? '').map((section) => [section.number, section.text]));
  for (const { number, text } of sections) all.set(number, text.trim());
  const ordered = [...all].sort(([one], [other]) => one - other).map(([, text]) => text);
  const findings = ordered.flatMap((text) => {
    const title = /^## (.*)$/m.exec(text)?.[1];
    const finding = new RegExp(`^${FINDING}(.*)$`, 'm').exec(text)?.[1];
    return title === undefined || finding === undefined
      ? []
      : [`- ${title}. ${capitalised(finding)}`];
  });
  return `${[head.trim(), findings.join('\n'), ...ordered].filter((part) => part !== '').join('\n\n')}\n`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** The sections of a document, by their headings. */
export function sectionsOf(document: string): Section[] {
  return document.split(/^(?=## )/m).flatMap((text) => {
    const number = /^## Table (\d+): /.exec(text)?.[1];
    return number === undefined ? [] : [{ number: Number(number), text: text.trim() }];
  });
}
