import { frame } from './tradeoff-plot.js';

/** Draws methods in the two metrics that are chosen, and names these under the crops. */
export const tradeoffScript = `
for (const section of document.querySelectorAll('.item')) {
  const plot = section.querySelector('.tradeoff');
  if (plot === null) continue;
  const frame = ${JSON.stringify(frame)};
  const width = frame.width - frame.left - frame.right, height = frame.height - frame.top - frame.bottom;
  const [across, up] = ['across', 'up'].map((side) => plot.querySelector('[data-axis=' + side + ']'));
  const draw = () => {
    const [x, y] = [across.value, up.value];
    for (const grid of plot.querySelectorAll('.grid'))
      grid.toggleAttribute('hidden', grid.dataset.across !== x && grid.dataset.up !== y);
    for (const mark of plot.querySelectorAll('.mark')) {
      const places = JSON.parse(mark.dataset.places), right = places[x], high = places[y];
      mark.toggleAttribute('hidden', right === null || high === null);
      if (right === null || high === null) continue;
      mark.setAttribute('transform', 'translate(' + (frame.left + width * right[0]) + ' ' + (frame.top + height * (1 - high[0])) + ')');
      const bar = (name, side, half) => {
        const line = mark.querySelector(name);
        line.setAttribute(side + '1', -half);
        line.setAttribute(side + '2', half);
      };
      bar('.wide', 'x', width * right[1]);
      bar('.tall', 'y', height * high[1]);
    }
    for (const figure of section.querySelectorAll('[data-metric]'))
      figure.toggleAttribute('hidden', figure.dataset.metric !== x && figure.dataset.metric !== y);
  };
  for (const select of [across, up]) select.addEventListener('change', draw);
  plot.querySelector('.controls').hidden = false;
}
`;
