import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from '../checks/all-checks.mjs';
import { closingLine, readClosingLine, settle } from '../test-run/closing-line.mjs';
import { ensureBuilt, ensureDriver, ensurePackages, ROOT } from '../workspace.mjs';

/** Characters of a long output that are kept: its end, with the closing line of the tests or what a check found. */
const TAIL = 4_096;

const print = (text) => process.stdout.write(`${text}\n`);
/** The checks run in the background with a low priority. */
const BESIDE = { isQuiet: true, yields: true };

/** What tests stand on, beside the packages. */
const FOUNDATIONS = {
  driver: ensureDriver,
  build: ensureBuilt,
  declarations: () => ensureBuilt({ builds: ['declarations'] }),
};

/** What failed beside the tests; printed again at the end, because a log is often kept from its end. */
const failures = [];

/** Runs one step, and says whether it went well. */
const passes = async ([name, run]) => {
  const start = performance.now();
  const seconds = () => `(${((performance.now() - start) / 1000).toFixed(1)} s)`;
  try {
    await run();
    print(`✓ ${name} ${seconds()}`);
    return true;
  } catch (error) {
    const failure = `${error.output || error.message}\n✗ ${name} ${seconds()}`;
    print(failure);
    failures.push(failure.slice(-TAIL));
    return false;
  }
};

/** After the build: it reads the definitions. */
const nodeCoverage = async (directory) => {
  const { coverageOfNodes, readSeen } = await import('../test-run/node-coverage.mjs');
  return coverageOfNodes(readSeen(directory));
};

const failuresOf = async (steps) => {
  const results = await Promise.all(Object.entries(steps).map(passes));
  return results.filter((isPassed) => !isPassed).length;
};

const endWith = (failed) => {
  print(closingLine({ passed: 0, failed, skipped: 0 }));
  process.exit(1);
};

/** Only a run of everything can cover all of each node. */
const isWholeRun = process.argv.length === 2;

const runChecks = async () => {
  let failed = 0;
  // One after the other: compilers, servers and browsers have the processors first.
  for (const [name, check] of Object.entries(CHECKS)) if (!(await passes([name, () => check(BESIDE)]))) failed += 1;
  return failed;
};

const runTests = (seenDirectory) =>
  new Promise((resolve, reject) => {
    const args = [join(ROOT, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)];
    const colour = process.stdout.isTTY ? { FORCE_COLOR: process.env.NO_COLOR ? '0' : '1' } : {};
    const env = { ...process.env, ...colour, ASSENT_TEST_NODES_SEEN: seenDirectory };
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
    let end = '';
    child.stdout.on('data', (chunk) => {
      process.stdout.write(chunk);
      end = (end + chunk.toString('utf8')).slice(-TAIL);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code, tail: end }));
  });

const packagesFailed = await failuresOf({ packages: ensurePackages });
if (packagesFailed > 0) endWith(packagesFailed);
const checks = isWholeRun ? runChecks() : 0;
const foundationsFailed = await failuresOf(FOUNDATIONS);
if (foundationsFailed > 0) endWith(foundationsFailed + (await checks));
/** Where test files leave what they saw of each node. */
const seenDirectory = mkdtempSync(join(tmpdir(), 'assent-nodes-seen-'));
const [{ exitCode, tail }, checksFailed] = await Promise.all([runTests(seenDirectory), checks]);

const { summary, missing } = isWholeRun ? await nodeCoverage(seenDirectory) : { summary: '', missing: [] };
rmSync(seenDirectory, { recursive: true });
for (const line of missing) print(`✗ no test shows ${line}`);
if (summary !== '') print(summary);
for (const failure of failures) print(failure);

const isEverythingRequired = process.env.ASSENT_TEST_REQUIRE === 'all';
const counts = readClosingLine(tail);
const settled = settle({ counts, exitCode, isEverythingRequired });
const result = { ...settled, failed: settled.failed + checksFailed + (missing.length > 0 ? 1 : 0) };
if (isEverythingRequired && counts !== undefined && counts.skipped > 0) {
  print(`✗ ${counts.skipped} tests were skipped, and ASSENT_TEST_REQUIRE=all allows none.`);
}
if (isWholeRun || counts === undefined || closingLine(counts) !== closingLine(result)) print(closingLine(result));
process.exitCode = result.failed > 0 ? 1 : 0;
