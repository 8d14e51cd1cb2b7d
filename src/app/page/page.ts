import { escapeHtml } from './html.js';
import { style } from './style.js';

const policy =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

/** What a page holds; everything but `title` and `data` is markup. */
export interface Page {
  readonly title: string;
  /** What stands below the title. */
  readonly body: string;
  /** CSS besides that of every page. */
  readonly style?: string;
  /** JavaScript that runs when the page is there; it must do without modules. */
  readonly script?: string;
  /** What the script reads, each as JSON in an element of this id. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** The HTML of a page that needs neither network nor neighbours: browsers refuse it everything else. */
export function renderPage({ title, body, style: own = '', script, data = {} }: Page): string {
  const values = Object.entries(data).map(
    ([id, value]) => `<script type="application/json" id="${id}">${embeddedJson(value)}</script>\n`,
  );
  const code = script === undefined ? '' : `<script>${script}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}${own}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${body}
</main>
${values.join('')}${code}</body>
</html>
`;
}

/** JSON that cannot end its element. */
function embeddedJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
