/** The look of a comparison page, besides that of every page. */
export const comparisonStyle = `
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
.layers { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
  gap: 16px; margin-top: 18px; }
.enhanced .layers { grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); }
`;
