import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Suite } from './suites.ts';

export interface SuiteResult {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly title: string; readonly error: string }[];
  /** Specs that the vendor itself marks as skipped. */
  readonly skipped: readonly string[];
}

export interface SpecRun {
  readonly checkout: string;
  readonly directory: string;
  readonly proxyPort: number;
  readonly browser: string;
  /** Only specs whose title has this text. */
  readonly only?: string;
}

interface ReportedSuite {
  readonly title: string;
  readonly file: string;
  readonly suites?: readonly ReportedSuite[];
  readonly specs?: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly status: 'expected' | 'unexpected' | 'skipped' | 'flaky';
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
}

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');

/** The settings of the suite's own configuration, with Debian's browser, one worker, and our hosts instead of its servers. */
const configurationOf = (
  suite: Suite,
  { checkout, directory, proxyPort, browser }: SpecRun,
  report: string,
): string => {
  const excluded = suite.excluded.map(({ file, title = '' }) => `/${literal(file)}.*${literal(title)}/`);
  const settings = {
    testDir: join(checkout, suite.specs),
    outputDir: join(directory, 'results'),
    workers: 1,
    timeout: 45_000,
    expect: { timeout: 10_000 },
    reporter: [['list'], ['json', { outputFile: report }]],
    projects: [{ name: 'Chromium' }],
    use: {
      baseURL: `http://localhost:${suite.app.port}`,
      headless: true,
      ignoreHTTPSErrors: true,
      geolocation: { latitude: 24.9884, longitude: -87.3459 },
      bypassCSP: true,
      trace: 'retain-on-failure',
      launchOptions: { executablePath: browser, args: ['--no-sandbox'] },
      proxy: { server: `http://localhost:${proxyPort}`, bypass: 'localhost' },
    },
  };
  return `export default { ...${JSON.stringify(settings)}, grepInvert: [${excluded.join(', ')}] };\n`;
};

const titlesOf = (
  { title, suites = [], specs = [] }: ReportedSuite,
  above = '',
): readonly (readonly [string, NonNullable<ReportedSuite['specs']>[number]])[] => {
  const here = above === '' ? title : `${above} › ${title}`;
  return [
    ...specs.map((spec) => [`${here} › ${spec.title}`, spec] as const),
    ...suites.flatMap((inner) => titlesOf(inner, here)),
  ];
};

/** Runs the unmodified specs of a suite with the Playwright of its checkout. */
export const runSpecs = async (suite: Suite, run: SpecRun): Promise<SuiteResult> => {
  const [config, report] = [join(run.directory, 'playwright.config.mjs'), join(run.directory, 'report.json')];
  writeFileSync(config, configurationOf(suite, run, report));
  const program = join(run.checkout, 'node_modules/@playwright/test/cli.js');
  const args = [program, 'test', '--config', config, ...(run.only === undefined ? [] : ['--grep', run.only])];
  const child = spawn(process.execPath, args, {
    cwd: run.checkout,
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
    stdio: ['ignore', 2, 2],
  });
  await once(child, 'close');
  if (!existsSync(report)) throw new Error(`Playwright made no report of ${suite.name}.`);
  const { suites } = JSON.parse(readFileSync(report, 'utf8')) as { readonly suites: readonly ReportedSuite[] };
  const specs = suites.flatMap((reported) => titlesOf(reported));
  const withStatus = (...wanted: readonly string[]) =>
    specs.filter(([, { tests }]) => tests.some(({ status }) => wanted.includes(status)));
  return {
    passed: withStatus('expected').map(([title]) => title),
    failed: withStatus('unexpected', 'flaky').map(([title, { tests }]) => ({
      title,
      error: tests[0]?.results.at(-1)?.error?.message?.split('\n')[0] ?? 'no error was reported',
    })),
    skipped: withStatus('skipped').map(([title]) => title),
  };
};
