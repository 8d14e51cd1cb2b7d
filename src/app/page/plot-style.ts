/** Colours of series before they repeat. */
export const COLOURS = 6;

/** Colours of series and the look of the grid behind them. */
export const plotStyle = `
:root { --series-0: #1f6feb; --series-1: #c2410c; --series-2: #15803d; --series-3: #9333ea; --series-4: #a16207; --series-5: #be185d; }
@media (prefers-color-scheme: dark) {
  :root { --series-0: #6ea8ff; --series-1: #ff9a5c; --series-2: #5fd38a; --series-3: #c79bff; --series-4: #e3bd4f; --series-5: #ff8cc0; }
}
.series-0 { --colour: var(--series-0); } .series-1 { --colour: var(--series-1); } .series-2 { --colour: var(--series-2); }
.series-3 { --colour: var(--series-3); } .series-4 { --colour: var(--series-4); } .series-5 { --colour: var(--series-5); }
.grid line { stroke: var(--rule); stroke-width: 1; }
.grid text { fill: var(--soft); font-size: 12px; }
.grid .left { text-anchor: end; } .grid .below { text-anchor: middle; }
`;
