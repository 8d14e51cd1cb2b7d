/**
 * Where a frame shows what the reference shows: frame(centre + turned(p - centre) + (x, y)) =
 * reference(p), about the middle of the picture.
 */
export interface RigidMotion {
  /** Shift at the centre to the right and downwards, in packed pixels. */
  readonly x: number;
  readonly y: number;
  /** Radians, counter-clockwise as seen. */
  readonly turn: number;
}

export interface Size {
  readonly height: number;
  readonly width: number;
}

export interface Place {
  readonly x: number;
  readonly y: number;
}

export const STILL: RigidMotion = { x: 0, y: 0, turn: 0 };

/** Where a frame of a motion shows what lies at a place of the reference. */
export function placeInFrame(motion: RigidMotion, { height, width }: Size, place: Place): Place {
  const [u, v] = [place.x - (width - 1) / 2, place.y - (height - 1) / 2];
  const [cosine, sine] = [Math.cos(motion.turn), Math.sin(motion.turn)];
  return {
    x: (width - 1) / 2 + cosine * u + sine * v + motion.x,
    y: (height - 1) / 2 - sine * u + cosine * v + motion.y,
  };
}

/** The motion back: where the reference shows what lies at a place of the frame. */
export function inverseMotion({ x, y, turn }: RigidMotion): RigidMotion {
  const [cosine, sine] = [Math.cos(turn), Math.sin(turn)];
  return { x: -(cosine * x - sine * y), y: -(sine * x + cosine * y), turn: -turn };
}

/** The furthest that any place of a picture moves, which is one of its corners, in packed pixels. */
export function furthestMove(motion: RigidMotion, size: Size): number {
  let furthest = 0;
  for (const y of [0, size.height - 1])
    for (const x of [0, size.width - 1]) {
      const found = placeInFrame(motion, size, { x, y });
      furthest = Math.max(furthest, Math.hypot(found.x - x, found.y - y));
    }
  return furthest;
}
