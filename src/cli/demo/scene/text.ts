import type { Canvas, Shader } from './canvas.js';
import { capitalHeight, glyphOf } from './glyphs.js';
import { type Point, stroke } from './shapes.js';

export interface TextStyle {
  /** Height of capitals, in units of the scene. */
  readonly height: number;
  /** Width of the pen, as a share of the height. */
  readonly weight: number;
}

const gap = 1.7;

/** Writes a line of capitals, digits and signs whose lower left corner is `foot`. */
export function write(
  canvas: Canvas,
  text: string,
  foot: Point,
  { height, weight }: TextStyle,
  ink: Shader,
): void {
  const unit = height / capitalHeight;
  const pen = height * weight;
  let x = foot[0];
  for (const character of text) {
    const { width, lines } = glyphOf(character);
    const place = ([right, up]: Point): Point => [x + right * unit, foot[1] - up * unit];
    for (const line of lines)
      for (let index = 1; index < line.length; index++)
        stroke(canvas, place(line[index - 1]!), place(line[index]!), [pen, pen], ink);
    x += (width + gap) * unit;
  }
}

/** How wide `write` makes a text of this height. */
export function textWidth(text: string, height: number): number {
  const units = [...text].reduce((sum, character) => sum + glyphOf(character).width + gap, -gap);
  return (units * height) / capitalHeight;
}
