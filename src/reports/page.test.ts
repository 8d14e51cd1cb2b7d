import { expect, test } from 'vitest';
import { renderPage } from './page.js';

test('a page carries its parts and refuses everything from elsewhere', () => {
  const html = renderPage({ title: 'T', body: '<p>b</p>', style: 'i{}', script: 'run()' });
  expect(html).toContain('<title>T</title>');
  expect(html).toContain('<h1>T</h1>\n<p>b</p>\n</main>');
  expect(html).toContain('i{}</style>');
  expect(html).toContain('</main>\n<script>run()</script>');
  expect(html).toContain("default-src 'none'");
  expect(html).not.toMatch(/https?:|url\(|@import|(src|href)=/);
});

test('titles and data are never taken for markup, and data come back as they were', () => {
  const evil = '</script><script>alert(1)</script>';
  const html = renderPage({ title: evil, body: '', data: { figures: { evil } } });
  expect(html).not.toContain('<script>alert');
  expect(html.match(/<\/script>/g)).toHaveLength(1);
  const [, json] = /<script type="application\/json" id="figures">(.*)<\/script>/.exec(html)!;
  expect(JSON.parse(json!)).toEqual({ evil });
});
