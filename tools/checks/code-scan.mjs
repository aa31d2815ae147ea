import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ROOT } from '../workspace.mjs';

/** Names of values that somebody may guess at. */
const GUESSED =
  /(mac|hmac|digest|hash|proof|signature|secret|token|nonce|otp|password|pin|challenge|verifier|response|binding|code)(Of)?$/i;
const EQUALITY = new Set([
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** The name by which an expression is called: `row.secret` and `secretOf(row)` are both of a secret. */
const lastName = (node) => {
  if (ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) return node.text;
  if (ts.isPropertyAccessExpression(node)) return node.name.text;
  if (ts.isElementAccessExpression(node)) return lastName(node.argumentExpression);
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isCallExpression(node) || ts.isParenthesizedExpression(node) || ts.isAwaitExpression(node))
    return lastName(node.expression);
  return '';
};

/** What is written in the program is known to everybody: a kind, a number, `undefined`. */
const isConstant = (node) =>
  ts.isStringLiteralLike(node) ||
  ts.isNumericLiteral(node) ||
  ts.isTypeOfExpression(node) ||
  [ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(node.kind) ||
  (ts.isIdentifier(node) && (node.text === 'undefined' || /^[A-Z][A-Z\d_]+$/.test(node.text)));

/** Comparisons by `===` and its like of what somebody may guess at (SEC-78). */
const plainCompare = (node) =>
  ts.isBinaryExpression(node) &&
  EQUALITY.has(node.operatorToken.kind) &&
  !isConstant(node.left) &&
  !isConstant(node.right) &&
  (GUESSED.test(lastName(node.left)) || GUESSED.test(lastName(node.right)));

const RUNS_TEXT = new Set(['eval', 'Function', 'deserialize', 'runInContext', 'runInNewContext', 'runInThisContext']);
const LOADED = new Set(['vm', 'node:vm', 'v8', 'node:v8']);

/** What makes code, or an object of a class, of what was read (SEC-31). */
const choosesCode = (node) => {
  if (ts.isImportDeclaration(node)) return LOADED.has(node.moduleSpecifier.text);
  if (ts.isNewExpression(node))
    return ts.isElementAccessExpression(node.expression) || lastName(node.expression) === 'Function';
  if (!ts.isCallExpression(node)) return false;
  const isLoad = node.expression.kind === ts.SyntaxKind.ImportKeyword || lastName(node.expression) === 'require';
  const [first] = node.arguments;
  if (isLoad) return first !== undefined && (!ts.isStringLiteralLike(first) || LOADED.has(first.text));
  return RUNS_TEXT.has(lastName(node.expression));
};

const SCANS = { plainCompare, choosesCode };

/** What a scan finds in a source, each as one line of text; the file name says whether it may have JSX in it. */
export const findingsIn = (text, scan, file = 'a.ts') => {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found = [];
  const visit = (node) => {
    if (SCANS[scan](node)) found.push(node.getText(source).replaceAll(/\s+/g, ' ').replaceAll('${', '{'));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
};

const NAMES = GUESSED.source.slice(0, -1);
const COMPARED = new RegExp(`${NAMES}(\\([^=]*\\))?['\\])]*\\s*[!=]==?|[!=]==?\\s*[\\w$.?!()[\\] ]*${NAMES}`, 'i');

/** Whether a scan can find something in a text: most have nothing, and are not parsed. */
const MAY_FIND = {
  plainCompare: (text) => COMPARED.test(text),
  choosesCode: (text) =>
    /\b(eval|Function|deserialize|runIn\w+|require)\b *\(|import\(|['"](node:)?(vm|v8)['"]|new [\w.]+\[/.test(text),
};

/** What a scan finds in files, by their paths. */
export const scanFiles = (files, scan) =>
  files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return MAY_FIND[scan](text)
      ? findingsIn(text, scan, file).map((it) => `${file.replace('packages/', '')}: ${it}`)
      : [];
  });
