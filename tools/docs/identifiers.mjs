import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../workspace.mjs';
import { trackedFiles } from './tracked-files.mjs';

/** `createHTTPServer` and `create-http-server` are `create http server`. */
export const wordsOf = (name) =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.toLowerCase())
    .filter(Boolean);

const isCode = (file) => /\.(ts|tsx|js|mjs)$/.test(file);

/** Every name in the code, and every name of a file, with a file in which it stands. */
export const identifiers = () => {
  const found = new Map();
  for (const file of trackedFiles().filter(isCode)) {
    found.set(basename(file).replace(/\..*$/, ''), file);
    const variant = file.endsWith('x') ? ts.LanguageVariant.JSX : ts.LanguageVariant.Standard;
    const source = ts.createSourceFile(
      file,
      readFileSync(join(ROOT, file), 'utf8'),
      ts.ScriptTarget.Latest,
      false,
      variant,
    );
    const visit = (node) => {
      if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) found.set(node.text, file);
      ts.forEachChild(node, visit);
    };
    visit(source);
  }
  return found;
};
