/** Toggles and read-outs of a training report's charts. */
export const reportScript = `
const quantities = JSON.parse(document.getElementById('figures').textContent);
const plot = quantities.plot;
let course = 'step';
const number = (value) => Math.abs(value) >= 1e-3 || value === 0 ? String(Number(value.toPrecision(5))) : value.toExponential(3);
for (const section of document.querySelectorAll('.chart')) {
  const quantity = quantities.all.find(({ id }) => id === section.id);
  const readOut = section.querySelector('.read-out');
  const toggle = section.querySelector('[data-logarithmic]');
  let logarithmic = false;
  const show = () => {
    for (const svg of section.querySelectorAll('svg'))
      svg.toggleAttribute('hidden', svg.dataset.course !== course || (svg.dataset.scale === 'logarithmic') !== logarithmic);
    readOut.textContent = '';
  };
  section.addEventListener('course', show);
  toggle?.addEventListener('click', () => {
    logarithmic = !logarithmic;
    toggle.setAttribute('aria-pressed', String(logarithmic));
    show();
  });
  for (const svg of section.querySelectorAll('svg')) {
    const cursor = svg.querySelector('.cursor');
    const at = course => point => course === 'step' ? point[0] : point[1];
    const leave = () => { cursor.setAttribute('x1', -9); cursor.setAttribute('x2', -9); readOut.textContent = ''; };
    svg.addEventListener('pointerleave', leave);
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect();
      const x = (event.clientX - box.left) * plot.width / box.width;
      const share = Math.min(1, Math.max(0, (x - plot.left) / (plot.width - plot.left - plot.right)));
      const from = Number(svg.dataset.from), to = Number(svg.dataset.to);
      const wanted = from + share * (to - from);
      const place = at(svg.dataset.course);
      const nearest = (points) => points.reduce((best, point) => Math.abs(place(point) - wanted) < Math.abs(place(best) - wanted) ? point : best);
      const found = quantity.curves.map((curve) => ({ curve, point: nearest(curve.points) }));
      const mark = plot.left + (place(found[0].point) - from) / (to - from) * (plot.width - plot.left - plot.right);
      cursor.setAttribute('x1', mark);
      cursor.setAttribute('x2', mark);
      readOut.replaceChildren(...found.map(({ curve, point }) => {
        const item = document.createElement('span');
        item.className = 'series-' + curve.place % quantities.colours + (curve.faint ? ' faint' : '');
        item.textContent = curve.run + (curve.faint ? ' (raw)' : '') + ': step ' + point[0] + ', ' + point[1].toFixed(2) + ' h: ' + number(point[2]) + (quantity.unit === '' ? '' : ' ' + quantity.unit);
        return item;
      }));
    });
  }
}
for (const button of document.querySelectorAll('[data-along]'))
  button.addEventListener('click', () => {
    course = button.dataset.along;
    for (const other of document.querySelectorAll('[data-along]'))
      other.setAttribute('aria-pressed', String(other === button));
    for (const section of document.querySelectorAll('.chart')) section.dispatchEvent(new Event('course'));
  });
document.querySelector('.along').hidden = false;
`;
