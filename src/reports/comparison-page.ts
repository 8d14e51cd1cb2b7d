import { writeFileAtomic } from '../files/write-atomic.js';
import { ParameterError } from '../utils/errors.js';
import {
  type EmbeddedPng,
  embedPng,
  escapeHtml,
  factsTable,
  type PageFact,
  renderPage,
} from './page.js';

/** One version of an image. Versions may differ in size; all are shown at that of the largest. */
interface PageLayer {
  readonly label: string;
  /** Bytes of a PNG, or the path of one. */
  readonly png: Uint8Array | string;
  readonly note?: string;
}

/** Figures of several versions, one row for each. */
export interface PageMeasures {
  readonly caption: string;
  /** Headings, the first that of the rows' names. */
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** An image in several versions. */
export interface PageItem {
  readonly name: string;
  readonly layers: readonly PageLayer[];
  readonly facts: readonly PageFact[];
  readonly measures?: PageMeasures;
  /** Which layers are compared at first; the first and the last unless given. */
  readonly compare?: readonly [number, number];
}

export interface ComparisonPage {
  readonly title: string;
  readonly introduction?: string;
  readonly items: readonly PageItem[];
}

const zooms = ['fit', '1', '2', '4', '8'];

/**
 * Writes a page on which any two versions of an image can be compared: one file that needs
 * neither network nor neighbours. Without JavaScript the versions stand side by side.
 * @throws as renderComparisonPage; OutputError where the page cannot be written.
 */
export async function writeComparisonPage(path: string, page: ComparisonPage): Promise<void> {
  await writeFileAtomic(path, Buffer.from(await renderComparisonPage(page)));
}

/**
 * The HTML of a comparison page; the PNGs are embedded byte for byte, all text is escaped.
 * @throws InputError for a layer that is no PNG, ParameterError for an item without layers or a
 * `compare` that names no layer.
 */
export async function renderComparisonPage(page: ComparisonPage): Promise<string> {
  const sections = await Promise.all(page.items.map(section));
  const introduction =
    page.introduction === undefined
      ? ''
      : `<p class="introduction">${escapeHtml(page.introduction)}</p>\n`;
  return renderPage({
    title: page.title,
    body: `${introduction}${sections.join('\n')}`,
    style: comparisonStyle,
    script: comparisonScript,
  });
}

async function section(item: PageItem): Promise<string> {
  const { name, layers, facts, measures, compare = [0, layers.length - 1] } = item;
  if (layers.length === 0) throw new ParameterError('layers', 'at least one layer', 'none');
  for (const index of compare)
    if (layers[index] === undefined)
      throw new ParameterError('compare', `indices below ${layers.length}`, compare);
  const pngs = await Promise.all(layers.map(({ png, label }) => embedPng(png, label)));
  const largest = Math.max(...pngs.map(({ width }) => width));
  const figures = layers.map((layer, index) => figure(name, layer, pngs[index]!, largest));
  const tables = [
    ...(measures === undefined ? [] : [measuresTable(measures)]),
    ...(facts.length === 0 ? [] : [factsTable(facts)]),
  ];
  return `<section class="item">
<h2>${escapeHtml(name)}</h2>
${layers.length > 1 ? viewer(layers, compare) : ''}
<div class="layers">
${figures.join('\n')}
</div>
<div class="tables">
${tables.join('\n')}
</div>
</section>`;
}

function viewer(layers: readonly PageLayer[], compare: readonly [number, number]): string {
  const choice = (side: string, label: string, chosen: number) => {
    const options = layers.map(
      (layer, index) =>
        `<option${index === chosen ? ' selected' : ''}>${escapeHtml(layer.label)}</option>`,
    );
    // Browsers restore selections of an earlier visit unless told not to.
    return `<label>${label} <select name="${side}" autocomplete="off">${options.join('')}</select></label>`;
  };
  const zoomButtons = zooms.map(
    (zoom) =>
      `<button type="button" data-zoom="${zoom}" aria-pressed="false">${zoom === 'fit' ? 'Fit' : `${zoom}×`}</button>`,
  );
  return `<div class="viewer" hidden>
<div class="controls">
${choice('left', 'Left', compare[0])}
${choice('right', 'Right', compare[1])}
<button type="button" data-swap>Swap</button>
<span role="group" aria-label="Zoom">Zoom ${zoomButtons.join('')}</span>
</div>
<div class="frame">
<div class="stage" tabindex="0" role="group" aria-label="The two versions; arrow keys scroll when enlarged">
<div class="pair"><img class="right" alt=""><img class="left" alt=""></div>
</div>
<div class="divider" aria-hidden="true"></div>
<span class="tag left"></span><span class="tag right"></span>
</div>
<label class="split">Divider <input type="range" min="0" max="1000" step="5" value="500" autocomplete="off"></label>
<p class="hint">Drag the divider, or use the arrow keys on the slider. Double-click to enlarge, drag to move. Keys: + − 0 zoom, s swaps.</p>
</div>`;
}

function figure(name: string, layer: PageLayer, png: EmbeddedPng, largest: number): string {
  const { label, note } = layer;
  const pixelated = png.width < largest ? ' class="pixelated"' : '';
  const remark = note === undefined ? '' : `<small>${escapeHtml(note)}</small>`;
  const size = `width="${png.width}" height="${png.height}"`;
  return `<figure><img${pixelated} ${size} alt="${escapeHtml(`${name}: ${label}`)}" src="${png.source}">
<figcaption>${escapeHtml(label)}${remark}</figcaption></figure>`;
}

function measuresTable({ caption, columns, rows }: PageMeasures): string {
  const heading = columns.map((column) => `<th scope="col">${escapeHtml(column)}</th>`);
  const lines = rows.map(([name = '', ...values]) => {
    const cells = values.map((value) => `<td>${escapeHtml(value)}</td>`);
    return `<tr><th scope="row">${escapeHtml(name)}</th>${cells.join('')}</tr>`;
  });
  return `<table class="measures"><caption>${escapeHtml(caption)}</caption>
<thead><tr>${heading.join('')}</tr></thead>
<tbody>
${lines.join('\n')}
</tbody></table>`;
}

/**
 * What makes a page's images comparable: two layers on top of each other with a movable divider,
 * zoom and panning. Runs in the page as it is; without it the page shows its figures side by side.
 */
export const comparisonScript = `
'use strict';
for (const item of document.querySelectorAll('.item')) {
  const one = (selector) => item.querySelector(selector);
  const layers = [...item.querySelectorAll('figure')].map((figure) => figure.querySelector('img'));
  const viewer = one('.viewer');
  if (viewer === null || layers.length < 2) continue;
  const stage = one('.stage'), pair = one('.pair'), range = one('input[type=range]');
  const divider = one('.divider'), frame = one('.frame');
  const sides = ['left', 'right'].map((side) => ({
    select: one('select[name=' + side + ']'), image: one('.pair .' + side), tag: one('.tag.' + side),
  }));
  const zooms = [...item.querySelectorAll('[data-zoom]')];
  // The attributes: properties tell the size on the screen.
  const sizes = layers.map((layer) => ['width', 'height'].map((side) => Number(layer.getAttribute(side))));
  const width = Math.max(...sizes.map(([across]) => across));
  const height = Math.max(...sizes.map(([, down]) => down));
  let zoom = 'fit';

  const choose = () => {
    for (const { select, image, tag } of sides) {
      const layer = layers[select.selectedIndex];
      image.src = layer.src;
      image.alt = layer.alt;
      tag.textContent = select.options[select.selectedIndex].text;
    }
    layout();
  };
  const scaleOf = () => zoom === 'fit'
    ? Math.min(frame.clientWidth / width, Math.max(240, innerHeight * 0.8) / height)
    : Number(zoom);
  const divide = () => {
    const share = range.value / 1000;
    const x = stage.clientWidth * share;
    const edge = stage.scrollLeft + x - pair.offsetLeft;
    sides[0].image.style.clipPath = 'inset(0 ' + (pair.clientWidth - edge) + 'px 0 0)';
    divider.style.left = x + 'px';
    sides[1].tag.style.right = frame.clientWidth - stage.clientWidth + 10 + 'px';
    range.setAttribute('aria-valuetext', Math.round(share * 100) + ' %');
  };
  const layout = () => {
    const scale = scaleOf();
    pair.style.width = width * scale + 'px';
    pair.style.height = height * scale + 'px';
    for (const { select, image } of sides) {
      const enlarged = pair.clientWidth / sizes[select.selectedIndex][0];
      const whole = Math.abs(enlarged - Math.round(enlarged)) < 0.01;
      image.classList.toggle('pixelated', enlarged > 1 && (whole || enlarged > 2.5));
    }
    for (const button of zooms) button.setAttribute('aria-pressed', String(button.dataset.zoom === zoom));
    divide();
  };
  const setZoom = (next, clientX, clientY) => {
    const box = stage.getBoundingClientRect();
    const at = { x: (clientX ?? box.left + box.width / 2) - box.left, y: (clientY ?? box.top + box.height / 2) - box.top };
    const place = {
      x: (stage.scrollLeft + at.x - pair.offsetLeft) / pair.clientWidth,
      y: (stage.scrollTop + at.y) / pair.clientHeight,
    };
    zoom = next;
    layout();
    stage.scrollLeft = place.x * pair.clientWidth - at.x;
    stage.scrollTop = place.y * pair.clientHeight - at.y;
    divide();
  };
  const swap = () => {
    const [left, right] = sides.map(({ select }) => select.selectedIndex);
    sides[0].select.selectedIndex = right;
    sides[1].select.selectedIndex = left;
    choose();
  };
  const stepZoom = (by) => {
    const names = zooms.map((button) => button.dataset.zoom);
    setZoom(names[Math.min(names.length - 1, Math.max(0, names.indexOf(zoom) + by))]);
  };

  const follow = (target, start, move) => target.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || !start(event)) return;
    event.preventDefault();
    target.setPointerCapture(event.pointerId);
    const moved = (next) => move(next, event);
    const stop = () => {
      target.removeEventListener('pointermove', moved);
      stage.classList.remove('panning');
    };
    target.addEventListener('pointermove', moved);
    target.addEventListener('pointerup', stop, { once: true });
    target.addEventListener('pointercancel', stop, { once: true });
  });
  const divideAt = (event) => {
    const box = stage.getBoundingClientRect();
    range.value = (1000 * (event.clientX - box.left)) / stage.clientWidth;
    divide();
  };
  follow(divider, () => true, divideAt);
  let origin;
  follow(
    stage,
    (event) => {
      if (event.pointerType === 'touch') return false;
      const box = stage.getBoundingClientRect();
      // The scroll bars are the stage's too.
      if (event.clientX - box.left > stage.clientWidth || event.clientY - box.top > stage.clientHeight) return false;
      const pans = stage.scrollWidth > stage.clientWidth || stage.scrollHeight > stage.clientHeight;
      origin = pans ? { left: stage.scrollLeft, top: stage.scrollTop } : undefined;
      if (pans) stage.classList.add('panning');
      else divideAt(event);
      stage.focus({ preventScroll: true });
      return true;
    },
    (event, first) => {
      if (origin === undefined) return divideAt(event);
      stage.scrollLeft = origin.left - (event.clientX - first.clientX);
      stage.scrollTop = origin.top - (event.clientY - first.clientY);
    },
  );
  stage.addEventListener('dblclick', (event) => setZoom(zoom === 'fit' ? '4' : 'fit', event.clientX, event.clientY));
  stage.addEventListener('scroll', divide);
  range.addEventListener('input', divide);
  for (const { select } of sides) select.addEventListener('change', choose);
  one('[data-swap]').addEventListener('click', swap);
  for (const button of zooms) button.addEventListener('click', () => setZoom(button.dataset.zoom));
  viewer.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === 'SELECT') return;
    if (event.key === '+' || event.key === '=') stepZoom(1);
    else if (event.key === '-') stepZoom(-1);
    else if (event.key === '0') setZoom('fit');
    else if (event.key === 's') swap();
    else return;
    event.preventDefault();
  });
  viewer.hidden = false;
  item.classList.add('enhanced');
  new ResizeObserver(layout).observe(frame);
  choose();
}
`;

/** The look of a comparison page, besides that of every page. */
const comparisonStyle = `
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
