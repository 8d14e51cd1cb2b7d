/** Whether a path is a pattern: it has the wildcard * or ?. */
export function isPattern(path: string): boolean {
  return /[*?]/.test(path);
}

/**
 * Whether a path matches a pattern, part by part: * stands for any run of characters in a part, ? for
 * one character, and a part ** for any number of parts. Everything else is literal, unlike in a
 * shell: cameras and editors write names with brackets and braces.
 */
export function matchesPattern(path: string, pattern: string): boolean {
  return matchesParts(path.split('/'), pattern.split('/'));
}

function matchesParts(parts: readonly string[], pattern: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return parts.length === 0;
  if (head === '**')
    return Array.from(parts.keys())
      .concat(parts.length)
      .some((from) => matchesParts(parts.slice(from), rest));
  return parts.length > 0 && matchesName(parts[0]!, head) && matchesParts(parts.slice(1), rest);
}

/**
 * Whether a name matches a pattern of * and ?. Goes back to the last * alone, so that the time is at
 * most the product of both lengths: regular expressions take hours for a name of 200 equal letters.
 */
export function matchesName(name: string, pattern: string): boolean {
  let at = 0;
  let index = 0;
  /** Where the last * stands in the pattern, and how far it reaches in the name. */
  let star = -1;
  let reached = 0;
  while (at < name.length) {
    if (pattern[index] === '*') {
      star = index;
      reached = at;
      index += 1;
    } else if (pattern[index] === '?' || pattern[index] === name[at]) {
      index += 1;
      at += 1;
    } else if (star >= 0) {
      index = star + 1;
      reached += 1;
      at = reached;
    } else return false;
  }
  while (pattern[index] === '*') index += 1;
  return index === pattern.length;
}
