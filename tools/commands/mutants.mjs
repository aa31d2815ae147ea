import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { MUTANTS } from '../mutants/mutants.mjs';
import { testsNamed } from '../mutants/mutated.mjs';
import { ensureReady, ROOT } from '../workspace.mjs';

/**
 * `npm run tools -- mutants`: takes checks out of the sources, one at a time, and runs the test that is to notice; `--only SEC-33,REL-26` those of some
 * rules, `--jobs 2` so many at once. Nothing is written: a fault is planted in what the runner of the tests loads.
 */
const { values } = parseArgs({ options: { only: { type: 'string' }, jobs: { type: 'string', default: '1' } } });
const only = values.only?.split(',');
const chosen = MUTANTS.map((mutant, at) => ({ ...mutant, at })).filter(({ rule }) => only?.includes(rule) ?? true);
if (chosen.length === 0) {
  console.error(`No mutant is of a rule of --only ${values.only}.`);
  process.exit(2);
}
await ensureReady();
const reports = mkdtempSync(join(tmpdir(), 'assent-mutants-'));

/** What Vitest reports of test files with one fault planted, or with none. */
const reportOf = (files, at) =>
  new Promise((resolve, reject) => {
    const output = join(reports, `${at ?? 'none'}.json`);
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
    const options = ['--config', 'tools/mutants/vitest.config.ts', '--reporter=json', `--outputFile=${output}`];
    const { ASSENT_MUTANT: _, ...env } = process.env;
    const child = spawn(process.execPath, [vitest, 'run', ...files, ...options], {
      cwd: ROOT,
      env: at === undefined ? env : { ...env, ASSENT_MUTANT: String(at) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    child.on('close', () => {
      try {
        resolve(JSON.parse(readFileSync(output, 'utf8')));
      } catch {
        reject(new Error(`Vitest made no report of ${files.join(', ')}.\n${said}`));
      }
    });
  });

const verdictOf = async (mutant) => {
  const report = await reportOf([mutant.test], mutant.at);
  const failed = testsNamed(report, mutant.fails).filter(({ status }) => status === 'failed');
  const more = report.numFailedTests - failed.length;
  if (failed.length > 0) return { verdict: 'caught', more };
  return { verdict: more > 0 || report.numFailedTestSuites > 0 ? 'caught by others' : 'SURVIVED', more };
};

try {
  // Without a fault each of those tests is there, and passes.
  const sound = await reportOf([...new Set(chosen.map(({ test }) => test))]);
  const broken = chosen.filter(({ fails }) => {
    const tests = testsNamed(sound, fails);
    return tests.length === 0 || tests.some(({ status }) => status !== 'passed');
  });
  for (const { rule, test, fails } of broken) {
    console.error(`${rule}: without a fault "${fails}" of ${test} is not there, or does not pass.`);
  }
  if (broken.length > 0) process.exitCode = 1;
  else {
    console.log('| | Rule | Fault | Test that is to notice |\n|---|---|---|---|');
    let caught = 0;
    const waiting = [...chosen];
    const work = async () => {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const { verdict, more } = await verdictOf(mutant);
        if (verdict === 'caught') caught += 1;
        const others = more > 0 ? `, and ${more} more` : '';
        console.log(`| ${verdict} | ${mutant.rule} | ${mutant.what} | \`${mutant.test}\`: ${mutant.fails}${others} |`);
      }
    };
    await Promise.all(Array.from({ length: Math.max(1, Number(values.jobs)) }, work));
    console.log(`${caught} of ${chosen.length} caught`);
    process.exitCode = caught === chosen.length ? 0 : 1;
  }
} finally {
  rmSync(reports, { recursive: true, force: true });
}
