/** One import of a source file. */
export interface Import {
  readonly specifier: string;
  /** `import type` and `export type`: gone after compilation. */
  readonly typeOnly: boolean;
}

const statement =
  /^(?:import|export)\b(?<type>\s+type\b(?!\s*from\b))?[^;'"`]*?\bfrom\s*(?<quote>['"])(?<specifier>[^'"]+)\k<quote>/gm;
const sideEffect = /^import\s*(['"])(?<specifier>[^'"]+)\1/gm;
const dynamic =
  /(?<query>\btypeof\s+)?\b(?:import|require(?:\.resolve)?)\s*\(\s*(['"`])(?<specifier>[^'"`]+)\2(?:\s*\)(?<member>\.[A-Z])?)?/g;

/**
 * Every module that a TypeScript source names: imports, re-exports, `import()` and `require()`.
 * Relies on the formatter, which puts each import at the start of a line. Imports inside
 * comments do not count. `typeof import('x')` and `import('x').Name` are types;
 * `import { type A }` is a value import, since `verbatimModuleSyntax` still loads the module.
 */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const match of code.matchAll(statement))
    found.push({
      specifier: match.groups!.specifier!,
      typeOnly: match.groups!.type !== undefined,
    });
  for (const match of code.matchAll(sideEffect))
    found.push({ specifier: match.groups!.specifier!, typeOnly: false });
  for (const match of code.matchAll(dynamic)) {
    const { query, member, specifier } = match.groups!;
    found.push({ specifier: specifier!, typeOnly: query !== undefined || member !== undefined });
  }
  return found;
}

/** Only whole-line comments go: a `//` further right may stand inside a string. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}
