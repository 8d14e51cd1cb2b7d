/** The look of a page of results, besides that of every page. */
export const resultsStyle = `
.wide { overflow-x: auto; }
.results td, .results thead th:not(:first-child) { text-align: right; white-space: nowrap;
  padding: 5px 0 5px 18px; }
.results th:first-child { white-space: nowrap; position: sticky; left: 0; background: var(--sheet); }
.results strong { color: var(--accent); }
.results button { border: 0; padding: 0; background: none; color: inherit; font-weight: inherit; }
.results [aria-sort='ascending'] button::after { content: ' \\25b4'; }
.results [aria-sort='descending'] button::after { content: ' \\25be'; }
h3 { font-size: 1rem; margin: 1.4em 0 .3em; }
[hidden] { display: none !important; }
.tradeoff { margin-top: 22px; }
.plane { display: block; width: 100%; max-width: 860px; height: auto; }
.grid .title { fill: var(--ink); font-size: 13px; }
.mark { fill: var(--colour); stroke: var(--sheet); stroke-width: 1; }
.mark line { stroke: var(--colour); stroke-width: 2; }
.mark text { fill: var(--ink); stroke: var(--sheet); stroke-width: 3; paint-order: stroke;
  font-size: 12px; font-variant-numeric: tabular-nums; }
.keys { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; list-style: none;
  font-size: .88rem; overflow-wrap: anywhere; }
.key { vertical-align: -4px; margin-right: 5px; fill: var(--colour); }
.crop { display: grid; grid-template-columns: minmax(0, 240px) minmax(0, 1fr); gap: 14px 18px;
  margin: 12px 0 28px; align-items: start; }
@media (max-width: 760px) { .crop { grid-template-columns: minmax(0, 1fr); } }
.panels { display: flex; flex-wrap: wrap; gap: 14px; }
.crop figure { max-width: 100%; }
.crop figure img { max-width: 100%; border-radius: 3px; }
.panels figcaption { width: 0; min-width: 100%; }
.whole { position: relative; width: fit-content; max-width: 100%; }
.whole span { position: absolute; border: 2px solid #fff; outline: 1px solid #000; }
details { margin-top: 16px; color: var(--soft); font-size: .9rem; }
.commands dd { margin: 2px 0 10px; overflow-wrap: anywhere; color: var(--ink); }
.notes { color: var(--soft); font-size: .88rem; max-width: 80ch; }
`;
