import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../workspace.mjs';
import { trackedFiles } from './tracked-files.mjs';

const ID = /\b(?:SEC|REL)-\d{2}\b/g;

/** The function at the root of `test.each(rows)` or `it.skipIf(…)`: `test`, `it`. */
const calledName = (expression) => {
  if (ts.isIdentifier(expression)) return expression.text;
  if (ts.isPropertyAccessExpression(expression) || ts.isCallExpression(expression))
    return calledName(expression.expression);
  return ts.isTaggedTemplateExpression(expression) ? calledName(expression.tag) : '';
};

const isText = (node) => node !== undefined && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node));

/** Cases of the corpus of attacks are data, which one runner makes: their titles are names of tests, too. */
const CORPUS = 'conformance/attack/corpus/';

const isTitle = (node) =>
  ts.isPropertyAssignment(node) && ts.isIdentifier(node.name) && node.name.text === 'title' && isText(node.initializer);

/** The names of the tests of a source, as they stand there; its file name says whether it may have JSX in it. */
export const testNames = (text, file) => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
  const names = [];
  const visit = (node) => {
    if (ts.isCallExpression(node) && isText(node.arguments[0]) && /^(test|it)$/.test(calledName(node.expression))) {
      names.push(text.slice(node.arguments[0].pos, node.arguments[0].end).trim());
    }
    if (file.startsWith(CORPUS) && isTitle(node)) names.push(node.initializer.getText(source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
};

/** The files whose tests cite a rule in their names, by the id of the rule. */
export const filesByRule = (files = trackedFiles()) => {
  const found = new Map();
  for (const file of files.filter((it) => /\.tsx?$/.test(it)).sort()) {
    const text = readFileSync(join(ROOT, file), 'utf8');
    if (!text.includes('SEC-') && !text.includes('REL-')) continue;
    for (const id of testNames(text, file).flatMap((name) => name.match(ID) ?? [])) {
      found.set(id, (found.get(id) ?? new Set()).add(file));
    }
  }
  return found;
};
