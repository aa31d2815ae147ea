import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The version that every package has to run on: the floor of the installations that we support. */
const FLOOR = '20.20.2';

/** Permissive licences, and MPL-2.0, whose files we use unmodified. */
const ALLOWED = new Set([
  'MIT',
  'MIT-0',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'BlueOak-1.0.0',
  'MPL-2.0',
  'Python-2.0',
  'CC0-1.0',
  'CC-BY-4.0',
  'Unlicense',
]);
/** Permissive too, and never shipped. */
const ALLOWED_IN_DEVELOPMENT = new Set([...ALLOWED, 'Zlib']);

/** Packages whose field points at a file that we have read instead of naming what it says. */
const READ_BY_US = new Map([['node_modules/spawndamnit', 'MIT']]);

const numbersOf = (text) => text.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : undefined));

const compare = (a, b) => {
  for (let at = 0; at < 3; at += 1) {
    const difference = (a[at] ?? 0) - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** The least version above all that the given numbers leave open: `20.x` ends before 21. */
const endOf = (numbers, kept) => numbers.slice(0, kept).map((number, at) => (at === kept - 1 ? number + 1 : number));

/** How many numbers a caret keeps: up to the first that is not zero. */
const caretKeeps = (numbers) => {
  const at = numbers.findIndex((number) => number !== 0);
  return at < 0 ? numbers.length : at + 1;
};

const comparator = (text) => {
  const [, operator = '', version = ''] = /^(>=|<=|>|<|=|\^|~)?v?(.*)$/.exec(text) ?? [];
  if (!/^(\*|x|X|\d+(\.(\d+|x|X|\*)){0,2})(-[\w.]+)?$/.test(version))
    throw new RangeError(`"${text}" is no version range`);
  const all = numbersOf(version.replace(/-.*/, ''));
  const open = all.indexOf(undefined);
  const numbers = open < 0 ? all : all.slice(0, open);
  if (numbers.length === 0) return () => true;
  const from = (it) => compare(it, numbers) >= 0;
  switch (operator) {
    case '>=':
      return from;
    case '<':
      return (it) => !from(it);
    case '>':
      return (it) =>
        compare(it, endOf(numbers, numbers.length)) >= 0 || (numbers.length === 3 && compare(it, numbers) > 0);
    case '<=':
      return (it) => compare(it, endOf(numbers, numbers.length)) < 0;
    case '^':
      return (it) => from(it) && compare(it, endOf(numbers, caretKeeps(numbers))) < 0;
    case '~':
      return (it) => from(it) && compare(it, endOf(numbers, Math.min(numbers.length, 2))) < 0;
    default:
      return (it) => from(it) && compare(it, endOf(numbers, numbers.length)) < 0;
  }
};

/** Whether an npm version range admits a version; throws `RangeError` for a range that it cannot read. */
export const admits = (range, version) => {
  const wanted = numbersOf(version);
  return range.split('||').some((alternative) => {
    const text = alternative
      .trim()
      .replace(/^(\S+)\s+-\s+(\S+)$/, '>=$1 <=$2')
      .replace(/(>=|<=|>|<|=|\^|~)\s+/g, '$1');
    return text === '' || text.split(/\s+/).every((part) => comparator(part)(wanted));
  });
};

/** Whether an SPDX expression can be met with the allowed licences: one side of an OR, both sides of an AND. */
export const isAllowedLicence = (expression, allowed = ALLOWED) => {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  let at = 0;
  const term = () => {
    const token = tokens[at++];
    if (token !== '(') return allowed.has(token);
    const inner = either();
    return tokens[at++] === ')' && inner;
  };
  const both = () => {
    let result = term();
    while (tokens[at] === 'AND') {
      at += 1;
      result = term() && result;
    }
    return result;
  };
  const either = () => {
    let result = both();
    while (tokens[at] === 'OR') {
      at += 1;
      result = both() || result;
    }
    return result;
  };
  const result = either();
  return result && at === tokens.length;
};

/**
 * What is wrong with a lockfile: a package that does not run on the floor, a licence, an address of a registry, a package whose content is
 * not pinned, or one that runs a script when it is installed and is not listed for that in `allowScripts` (SEC-83).
 */
export const lockfileProblems = (lock, floor = FLOOR, allowScripts = {}) => {
  const problems = [];
  for (const [path, entry] of Object.entries(lock.packages)) {
    if (entry.link) continue;
    const name = path || 'the workspace';
    const range = entry.engines?.node;
    try {
      if (range !== undefined && !admits(range, floor))
        problems.push(`${name} needs Node ${range}, which leaves out ${floor}`);
    } catch (error) {
      problems.push(`${name}: engines.node ${error.message}`);
    }
    const licence = READ_BY_US.get(path) ?? entry.license;
    const allowed = entry.dev ? ALLOWED_IN_DEVELOPMENT : ALLOWED;
    if (typeof licence !== 'string') problems.push(`${name} states no licence`);
    else if (!isAllowedLicence(licence, allowed))
      problems.push(`${name} has the licence ${licence}, which is not on our list`);
    if (entry.resolved !== undefined) problems.push(`${name} names where it was downloaded from; leave "resolved" out`);
    const installed = path.replace(/^.*node_modules\//, '');
    if (entry.hasInstallScript && allowScripts[installed] !== true)
      problems.push(`${name} runs a script when it is installed; list it in "allowScripts", or do without it`);
    if (path.includes('node_modules/') && !/^sha512-/.test(entry.integrity ?? ''))
      problems.push(`${name} has no SHA-512 of its content`);
  }
  return problems;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const lock = JSON.parse(readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8'));
  const { allowScripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const problems = lockfileProblems(lock, FLOOR, allowScripts);
  for (const problem of problems) console.error(problem);
  console.log(`${Object.keys(lock.packages).length} packages, ${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
