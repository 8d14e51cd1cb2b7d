/** One import of a source file. */
export interface Import {
  readonly specifier: string;
  /** `import type` and `export type`: gone after compilation. */
  readonly typeOnly: boolean;
}

const statement =
  /^(?:import|export)\b(?<type>\s+type\b(?!\s*from\b))?[^;'"`]*?\bfrom\s*(?<quote>['"])(?<specifier>[^'"]+)\k<quote>/gm;
const sideEffect = /^import\s*(['"])(?<specifier>[^'"]+)\1/gm;
const dynamic = /\b(?:import|require(?:\.resolve)?)\s*\(\s*(['"`])(?<specifier>[^'"`]+)\1/g;

/**
 * Every module that a TypeScript source names: imports, re-exports, `import()` and `require()`.
 * Relies on the formatter, which puts each import at the start of a line. Imports inside
 * comments do not count. `import { type A }` counts as a value import, since the module is still
 * loaded under `verbatimModuleSyntax`.
 */
export function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  const found: Import[] = [];
  for (const match of code.matchAll(statement))
    found.push({
      specifier: match.groups!.specifier!,
      typeOnly: match.groups!.type !== undefined,
    });
  for (const pattern of [sideEffect, dynamic])
    for (const match of code.matchAll(pattern))
      found.push({ specifier: match.groups!.specifier!, typeOnly: false });
  return found;
}

/** Only whole-line comments go: a `//` further right may stand inside a string. */
function withoutComments(source: string): string {
  return source.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}
