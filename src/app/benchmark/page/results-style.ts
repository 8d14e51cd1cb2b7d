/** The look of a page of results, besides that of every page. */
export const resultsStyle = `
.wide { overflow-x: auto; }
.results td, .results thead th:not(:first-child) { text-align: right; white-space: nowrap;
  padding: 5px 0 5px 18px; }
.results strong { color: var(--accent); }
.results button { border: 0; padding: 0; background: none; color: inherit; font-weight: inherit; }
.results [aria-sort='ascending'] button::after { content: ' \\25b4'; }
.results [aria-sort='descending'] button::after { content: ' \\25be'; }
details { margin-top: 16px; color: var(--soft); font-size: .9rem; }
.commands dd { margin: 2px 0 10px; overflow-wrap: anywhere; color: var(--ink); }
.notes { color: var(--soft); font-size: .88rem; max-width: 80ch; }
`;
