/** The look of every page. */
export const style = `
:root { color-scheme: light dark; --ground: #f6f6f4; --sheet: #fff; --ink: #1d1f23; --soft: #5d636e;
  --rule: #d9dbdf; --accent: #1f6feb; --back: #e4e5e8; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #14161a; --sheet: #1c1f25; --ink: #e8eaee; --soft: #9aa2af; --rule: #333842;
    --accent: #6ea8ff; --back: #0c0d10; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 28px 20px 60px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .4em; }
h2 { font-size: 1.15rem; margin: 0 0 .7em; overflow-wrap: anywhere; }
.introduction { color: var(--soft); max-width: 72ch; margin: 0 0 1.6em; }
.item { background: var(--sheet); border: 1px solid var(--rule); border-radius: 12px; padding: 20px;
  margin-bottom: 24px; }
.controls { display: flex; flex-wrap: wrap; gap: 10px 18px; align-items: center; margin-bottom: 12px; }
.controls label { display: flex; gap: 7px; align-items: center; color: var(--soft); font-size: .9rem; }
.controls > span { display: inline-flex; gap: 4px; align-items: center; color: var(--soft);
  font-size: .9rem; }
select, button { font: inherit; font-size: .9rem; color: var(--ink); background: var(--ground);
  border: 1px solid var(--rule); border-radius: 7px; padding: 4px 10px; }
button { cursor: pointer; }
button[aria-pressed='true'] { background: var(--accent); border-color: var(--accent); color: #fff; }
@media (prefers-color-scheme: dark) { button[aria-pressed='true'] { color: #0c0d10; } }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.hint { color: var(--soft); font-size: .84rem; margin: 6px 0 0; }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; height: auto; display: block; border-radius: 6px; background: var(--back); }
.pixelated { image-rendering: pixelated; }
figcaption { font-size: .86rem; margin-top: 5px; overflow-wrap: anywhere; }
figcaption small { display: block; color: var(--soft); font-size: .94em; line-height: 1.35; }
.tables { display: flex; flex-wrap: wrap; gap: 18px 40px; margin-top: 20px; align-items: flex-start; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .84rem; padding-bottom: 4px; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-top: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--soft); }
.measures td { text-align: right; } .measures thead th:not(:first-child) { text-align: right; }
`;
