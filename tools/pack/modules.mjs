import { existsSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import ts from 'typescript';

// Follows imports through what was built, and gives declarations of packages of ours the names that they have inside the one package.

const SCOPE = '@assent/';
/** For a specifier such as `@assent/engine/host`, the name of the same module in the `imports` of the one package. */
const innerName = (specifier) => `#${specifier.slice(SCOPE.length)}`;

/** The compiler leaves the endings of sources in its declarations. */
const shippedSpecifier = (specifier) => {
  if (specifier.startsWith(SCOPE)) return innerName(specifier);
  return specifier.startsWith('.') ? specifier.replace(/\.tsx?$/, '.js') : specifier;
};

/** `zod` of `zod/v4`, `@scure/base` of `@scure/base/x`. */
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

const isBuiltIn = (specifier) => specifier.startsWith('node:') || builtinModules.includes(specifier);

const SOURCE_MAP = /\n\/\/# sourceMappingURL=\S+\s*$/;

/** The text that an import or an export of others is of, also where it is imported when it is needed. */
const specifierIn = (node) => {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  return undefined;
};

/**
 * What a module imports, with where each stands. What runs is parsed: the compiler's quick look over a text takes some of what stands in a
 * regular expression or a template for code, and passes over the imports behind it. It is good for declarations, which have none of those.
 */
const importsOf = (path, text) => {
  if (path.endsWith('.d.ts')) return ts.preProcessFile(text, true, true).importedFiles;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false, ts.ScriptKind.JS);
  const found = [];
  const visit = (node) => {
    const specifier = specifierIn(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier))
      found.push({ fileName: specifier.text, pos: specifier.getStart(file) });
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

/** A module as it is shipped, and whom it imports, by the names that it has for them. */
const readModule = (path) => {
  const text = readFileSync(path, 'utf8');
  const importedFiles = importsOf(path, text);
  const shipped = [...importedFiles]
    .sort((a, b) => b.pos - a.pos)
    .reduce((it, { fileName, pos }) => {
      const at = it.indexOf(fileName, pos);
      return `${it.slice(0, at)}${shippedSpecifier(fileName)}${it.slice(at + fileName.length)}`;
    }, text);
  return { text: shipped.replace(SOURCE_MAP, '\n'), imported: importedFiles.map(({ fileName }) => fileName) };
};

/** Whether whoever compiles against a declaration that names the package finds types in it. */
const bringsTypes = (root, name) => {
  const manifest = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'));
  return (
    manifest.types !== undefined ||
    manifest.typings !== undefined ||
    /"types"/.test(JSON.stringify(manifest.exports ?? {}))
  );
};

const declarationsOf = (path) => path.replace(/\.js$/, '.d.ts');

/**
 * All that can be loaded from these built files, by path from the root: modules from modules, declarations from declarations. Also the ways
 * into declarations of packages of ours, and the packages of others that are imported. Throws for an import that leads nowhere, and for a
 * declaration that names a package without types, for which whoever compiles against it would have to install others, or look away.
 *
 * @param {{ root: string, entries: readonly string[], exportsOf: (name: string) => Record<string, { types: string, default: string }> }} options
 */
export const followImports = ({ root, entries, exportsOf }) => {
  const files = new Map();
  const imports = new Map();
  const packages = new Set();

  const targetOf = (specifier, from) => {
    const isDeclaration = from.endsWith('.d.ts');
    if (specifier.startsWith('.')) {
      const path = join(dirname(from), shippedSpecifier(specifier));
      return isDeclaration ? declarationsOf(path) : path;
    }
    const [name = '', ...rest] = specifier.slice(SCOPE.length).split('/');
    const entry = exportsOf(name)[rest.length === 0 ? '.' : `./${rest.join('/')}`];
    if (entry === undefined) throw new Error(`${from} imports ${specifier}, which @assent/${name} does not export.`);
    if (!isDeclaration) throw new Error(`${from} imports ${specifier}, which should be in the bundle.`);
    const types = join('packages', name, entry.types);
    imports.set(innerName(specifier), { types: `./${types}` });
    return types;
  };

  const waiting = [...entries];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (files.has(path)) continue;
    if (!existsSync(join(root, path))) throw new Error(`${path} is imported, and was not built.`);
    const { text, imported } = readModule(join(root, path));
    files.set(path, text);
    for (const specifier of imported) {
      if (isBuiltIn(specifier)) continue;
      if (specifier.startsWith('.') || specifier.startsWith(SCOPE)) waiting.push(targetOf(specifier, path));
      else {
        const name = packageOf(specifier);
        if (path.endsWith('.d.ts') && !bringsTypes(root, name))
          throw new Error(`${path} names ${name}, which brings no types: keep it out of what is published.`);
        packages.add(name);
      }
    }
  }
  return { files, imports, packages };
};
