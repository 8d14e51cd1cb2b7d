const pictureExtension = /\.(png|jpe?g|webp|tiff?|avif)$/i;

/** True for the name of a picture that can be read; hidden files are none. */
export function isPictureName(name: string): boolean {
  return !name.startsWith('.') && pictureExtension.test(name);
}

/** A name without the extension of a picture. */
export function stem(name: string): string {
  return name.replace(pictureExtension, '');
}

const runs = /(\d+)/;

/**
 * Orders names as people number them, frame 10 after frame 9: runs of digits by value, all else by
 * code units. Independent of any locale; names of equal value differ by their code units.
 */
export function compareNames(left: string, right: string): number {
  const ours = left.split(runs);
  const theirs = right.split(runs);
  for (let at = 0; at < Math.min(ours.length, theirs.length); at++) {
    const order = at % 2 === 1 ? compareDigits(ours[at]!, theirs[at]!) : 0;
    if (order !== 0) return order;
    if (at % 2 === 0 && ours[at] !== theirs[at]) return byCodeUnits(ours[at]!, theirs[at]!);
  }
  return ours.length - theirs.length || byCodeUnits(left, right);
}

/** Of any length: a number too long for exact arithmetic is longer, or greater digit by digit. */
function compareDigits(left: string, right: string): number {
  const ours = left.replace(/^0+/, '');
  const theirs = right.replace(/^0+/, '');
  return ours.length - theirs.length || byCodeUnits(ours, theirs);
}

function byCodeUnits(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
