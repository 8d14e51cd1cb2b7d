import type { Canvas } from './canvas.js';
import { dim, light, mix } from './colour.js';
import { Noise } from './noise.js';
import { type Point, stroke } from './shapes.js';
import { textWidth, write } from './text.js';

const board = { left: 26, right: 262, top: 362, bottom: 486 };

/** Paints a wooden board with lines of print, each smaller than the one above. */
export function paintSign(canvas: Canvas): void {
  const noise = new Noise(81);
  const wood = (x: number, y: number) => {
    const plank = Math.floor((y - board.top) / 31.1);
    const grain = noise.octaves(x / 60 + plank * 9, y / 1.6 + 3 * noise.at(x / 50, y / 20), 4);
    const ring = Math.sin(40 * noise.octaves(x / 120 + plank * 5, y / 22, 2));
    const joint = (y - board.top) % 31.1 < 1.1 ? 0.35 : 1;
    return dim(
      mix(light(0xa9743f), light(0xe4bd84), grain * 1.3 - 0.15),
      joint * (1 + 0.06 * ring),
    );
  };
  for (const x of [62, 226])
    stroke(canvas, [x, 376], [x, 508], [11, 11], (px, py) =>
      dim(wood(py, px), 0.35 + (x + 6 - px) / 16),
    );
  canvas.paint(
    { ...board, left: board.left + 4, top: board.bottom, bottom: board.bottom + 5 },
    (x, y) => dim(canvas.at(x, y), 0.4),
  );
  canvas.paint(board, (x, y) => {
    const rim = Math.min(x - board.left, board.right - x, y - board.top, board.bottom - y);
    return dim(wood(x, y), rim < 2 ? 0.6 : 1);
  });
  const ink = () => light(0x1c1512);
  const lines = [
    { text: 'DP-IR X4', height: 34, weight: 0.17, foot: 408 },
    { text: 'IMAGE RESTORATION', height: 13, weight: 0.14, foot: 429 },
    { text: 'FINE LINES, TEXT AND TEXTURE', height: 9, weight: 0.14, foot: 445 },
    { text: 'THE QUICK BROWN FOX JUMPS OVER A LAZY DOG', height: 5.8, weight: 0.15, foot: 458.5 },
    {
      text: '0123456789 A SMALL LINE THAT THE REDUCTION BLURS',
      height: 4.6,
      weight: 0.16,
      foot: 469,
    },
    {
      text: 'LEGIBLE IN THE TARGET ALONE / 3.14159 / 2.71828',
      height: 3.7,
      weight: 0.17,
      foot: 478,
    },
  ];
  for (const { text, height, weight, foot } of lines) {
    const start = (board.left + board.right - textWidth(text, height)) / 2;
    const place: Point = [start, foot];
    write(canvas, text, place, { height, weight }, ink);
  }
}
