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
