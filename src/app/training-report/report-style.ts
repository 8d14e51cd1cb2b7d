/** The look of a training report, besides that of every page. */
export const reportStyle = `
.legend { display: flex; flex-wrap: wrap; gap: 6px 18px; margin: 0 0 1em; padding: 0; list-style: none; }
.legend li::before { content: ''; display: inline-block; width: 22px; height: 3px; margin-right: 7px;
  vertical-align: middle; background: var(--colour); }
.along { margin-bottom: 16px; }
.heading { display: flex; justify-content: space-between; align-items: baseline; gap: 12px; }
.chart svg { display: block; width: 100%; height: auto; touch-action: pan-y; }
.chart svg[hidden] { display: none; }
.curve { fill: none; stroke: var(--colour); stroke-width: 2; stroke-linejoin: round; }
circle.curve { fill: var(--colour); }
.curve.faint { opacity: .35; stroke-width: 1; }
.cursor { stroke: var(--soft); stroke-dasharray: 3 3; }
.read-out { display: flex; flex-wrap: wrap; gap: 2px 20px; min-height: 1.6em; font-size: .88rem;
  font-variant-numeric: tabular-nums; }
.read-out span { color: var(--colour); } .read-out .faint { opacity: .75; }
.previews { display: grid; gap: 14px; grid-template-columns: repeat(auto-fill, minmax(min(100%, 420px), 1fr)); }
.previews img { image-rendering: pixelated; }
pre { overflow: auto; max-height: 60vh; background: var(--back); padding: 12px; border-radius: 8px; font-size: .85rem; }
.warnings { color: var(--soft); }
`;
