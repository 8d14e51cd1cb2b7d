/** The look of a comparison page. */
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
.frame { position: relative; background: var(--back); border-radius: 8px; overflow: hidden; }
.stage { overflow: auto; max-height: 80vh; cursor: grab; user-select: none; }
.stage.panning { cursor: grabbing; }
.pair { position: relative; margin: 0 auto; }
.pair img { position: absolute; inset: 0; width: 100%; height: 100%; display: block; }
.divider { position: absolute; top: 0; bottom: 0; width: 28px; margin-left: -14px; cursor: ew-resize;
  touch-action: none; }
.divider::before { content: ''; position: absolute; top: 0; bottom: 0; left: 13px; width: 2px;
  background: #fff; box-shadow: 0 0 0 1px rgb(0 0 0 / .45); }
.divider::after { content: '\\2194'; position: absolute; top: 50%; left: 0; width: 28px; height: 28px;
  margin-top: -14px; border-radius: 50%; background: #fff; color: #1d1f23; text-align: center;
  font: 700 17px/27px system-ui, sans-serif; box-shadow: 0 1px 5px rgb(0 0 0 / .5); }
.tag { position: absolute; top: 10px; padding: 2px 9px; border-radius: 6px; color: #fff;
  background: rgb(0 0 0 / .68); font-size: .82rem; pointer-events: none; max-width: 46%; }
.tag.left { left: 10px; } .tag.right { right: 10px; }
.split { display: flex; gap: 10px; align-items: center; margin-top: 10px; color: var(--soft);
  font-size: .9rem; }
.split input { flex: 1; accent-color: var(--accent); }
.hint { color: var(--soft); font-size: .84rem; margin: 6px 0 0; }
.layers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
  gap: 16px; margin-top: 18px; }
figure { margin: 0; min-width: 0; }
figure img { width: 100%; height: auto; display: block; border-radius: 6px; background: var(--back); }
.pixelated { image-rendering: pixelated; }
figcaption { font-size: .86rem; margin-top: 5px; overflow-wrap: anywhere; }
figcaption small { display: block; color: var(--soft); font-size: .94em; line-height: 1.35; }
.enhanced .layers { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); }
.tables { display: flex; flex-wrap: wrap; gap: 18px 40px; margin-top: 20px; align-items: flex-start; }
table { border-collapse: collapse; font-size: .92rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); font-size: .84rem; padding-bottom: 4px; }
th, td { text-align: left; padding: 5px 18px 5px 0; border-top: 1px solid var(--rule);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 500; color: var(--soft); }
.measures td { text-align: right; } .measures thead th:not(:first-child) { text-align: right; }
`;
