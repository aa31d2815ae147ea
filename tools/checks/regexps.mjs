import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CACHE = join(ROOT, 'node_modules/.cache/regexps.json');
const require = createRequire(import.meta.url);
const { version } = require('recheck/package.json');

/** Steps are counted and time is not, so that a busy machine finds the same. */
const PARAMETERS = {
  timeout: null,
  seedingTimeout: null,
  randomSeed: 1,
  attackTimeout: null,
  incubationTimeout: null,
  attackLimit: 20_000_000,
  maxAttackStringSize: 50_000,
};

/** Expressions that are put together while the program runs, by file, with what bounds their text or their input. */
const BUILT_AT_RUN_TIME = new Map([
  ['packages/oidc/src/endpoints/user-code.ts', 'A dot with a constant count.'],
  ['packages/factors/src/certificates/pem.ts', 'Constant labels without a repetition.'],
  ['packages/server/src/realms/realm-brand.ts', 'Constant beginnings of files without a repetition.'],
  ['packages/server/src/routes/server/security-txt.ts', 'Reads a file of the operator of at most 32 KiB, at start.'],
]);

const isSource = (path) =>
  /^packages\/[^/]+\/src\/.*\.tsx?$/.test(path) && !/\.(test|test-d)\.tsx?$|\/testing\//.test(path);

const isBuilder = (node) =>
  (ts.isNewExpression(node) || ts.isCallExpression(node)) && node.expression.getText() === 'RegExp';

/** All regular expressions of a source: literals by their parts, others by where they are built. */
export const expressionsOf = (path, text) => {
  const kind = path.endsWith('x') ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const found = [];
  const visit = (node) => {
    const line = () => file.getLineAndCharacterOfPosition(node.getStart()).line + 1;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      found.push({ path, line: line(), source: node.text.slice(1, end), flags: node.text.slice(end + 1) });
    } else if (isBuilder(node)) {
      const [source, flags] = node.arguments ?? [];
      const isConstant = [source, flags].every((it) => it === undefined || ts.isStringLiteralLike(it));
      if (isConstant && source) found.push({ path, line: line(), source: source.text, flags: flags?.text ?? '' });
      else found.push({ path, line: line() });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

const keyOf = ({ source, flags }) => `/${source}/${flags}`;

/** Without a repetition of any length a search reads no part of a text more than a constant number of times. */
const isRepeating = ({ source }) => /[*+{]/.test(source);

/** What is wrong with expressions, by {@link keyOf}; nothing for those whose work grows with the text alone. */
export const faultOf = ({ source, flags }) => {
  const { checkSync } = require('recheck/lib/browser.js');
  const result = checkSync(source, flags, PARAMETERS);
  if (result.status === 'safe') return undefined;
  if (result.status === 'unknown') return `cannot be judged (${result.error.kind}); write it in simpler parts`;
  return `takes ${result.complexity.summary} time, for example on ${result.attack.pattern}`;
};

if (workerData === 'check-regexps') {
  parentPort.on('message', (expression) => {
    parentPort.postMessage({ key: keyOf(expression), fault: faultOf(expression) });
  });
}

const inThreads = async (expressions) => {
  const faults = new Map();
  const left = [...expressions];
  const work = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: 'check-regexps' });
      const next = () => {
        const expression = left.pop();
        if (expression === undefined) void worker.terminate().then(resolve);
        else worker.postMessage(expression);
      };
      worker.on('message', ({ key, fault }) => {
        faults.set(key, fault);
        next();
      });
      worker.on('error', reject);
      next();
    });
  await Promise.all(Array.from({ length: Math.max(1, Math.min(cpus().length, 4)) }, work));
  return faults;
};

/** Verdicts that were found before, for these parameters and this version of the checker. */
const knownVerdicts = () => {
  if (!existsSync(CACHE)) return new Set();
  const { of, safe } = JSON.parse(readFileSync(CACHE, 'utf8'));
  return new Set(of === cacheKey ? safe : []);
};
const cacheKey = JSON.stringify([version, PARAMETERS]);

const main = async () => {
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', 'packages'], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  const paths = files.split('\n').filter((path) => isSource(path) && existsSync(join(ROOT, path)));
  const all = paths.flatMap((path) => expressionsOf(path, readFileSync(join(ROOT, path), 'utf8')));
  const literals = all.filter((it) => it.source !== undefined && isRepeating(it));
  const safe = knownVerdicts();
  const unknown = new Map(literals.filter((it) => !safe.has(keyOf(it))).map((it) => [keyOf(it), it]));
  const faults = await inThreads(unknown.values());
  for (const [key, fault] of faults) if (fault === undefined) safe.add(key);
  const used = [...safe].filter((key) => literals.some((it) => keyOf(it) === key));
  mkdirSync(dirname(CACHE), { recursive: true });
  writeFileSync(CACHE, JSON.stringify({ of: cacheKey, safe: used }));

  const problems = literals.flatMap((it) => {
    const fault = faults.get(keyOf(it));
    return fault === undefined ? [] : [`${it.path}:${it.line} ${keyOf(it)} ${fault}`];
  });
  const built = all.filter(({ source }) => source === undefined);
  for (const { path, line } of built)
    if (!BUILT_AT_RUN_TIME.has(path))
      problems.push(`${path}:${line} builds an expression at run time; write a literal`);
  for (const path of BUILT_AT_RUN_TIME.keys())
    if (!built.some((it) => it.path === path)) problems.push(`${path} builds no expression; take it off the list`);
  for (const problem of problems) console.error(`error: ${problem}`);
  console.log(`${all.length} regular expressions, ${problems.length} problems`);
  process.exit(problems.length > 0 ? 1 : 0);
};

if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) await main();
