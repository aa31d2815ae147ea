import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inScratch, readVariables, readYaml } from './files.mjs';
import { knownSeries, queryProblems } from './metric-names.mjs';
import { missingPrograms, runProgram } from './programs.mjs';

// OPS-55: alerts, and what they need, are only worth something while they name what the server tells.

const GUIDE = 'docs/guides/alerts.md';
const SEVERITIES = ['critical', 'warning'];
const ANNOTATIONS = ['summary', 'description', 'guide'];

/** The deployments of which tests tell, one just beyond a limit and one just within it. */
const DEPLOYMENTS = ['assent-above', 'assent-below'];

const rulesIn = (file) => readYaml(file).flatMap(({ groups }) => groups.flatMap(({ rules }) => rules));

const labelsInText = (text) => [...text.matchAll(/\{\{\s*(?:\$labels\.)?(\w+)\s*\}\}/g)].map(([, label]) => label);

/** As a page of Markdown has it in a link. */
const anchorsOf = (page) =>
  [...page.matchAll(/^#+ (.*)$/gm)].map(([, title]) => title.toLowerCase().replaceAll(' ', '-'));

const alertProblems = ({ alert, labels = {}, annotations = {} }, anchors) => [
  ...(SEVERITIES.includes(labels.severity) ? [] : [`its severity is none of ${SEVERITIES.join(', ')}`]),
  ...ANNOTATIONS.filter((name) => annotations[name] === undefined).map((name) => `it has no ${name}`),
  ...(annotations.guide === `${GUIDE}#${alert.toLowerCase()}`
    ? []
    : [`its guide is not ${GUIDE}#${alert.toLowerCase()}`]),
  ...(anchors.includes(alert.toLowerCase()) ? [] : [`${GUIDE} has no section on it`]),
];

/** Whether a test has an alert come to one deployment, and not to another that is nearly as badly off. */
const isTested = (alert, tests) =>
  tests.some(
    ({ input_series: series = [], promql_expr_test: expected = [] }) =>
      DEPLOYMENTS.every((job) => series.some((it) => it.series.includes(`job="${job}"`))) &&
      expected.some(
        ({ expr, exp_samples: samples }) =>
          expr.includes(`alertname="${alert}",alertstate="firing"`) && samples.length > 0,
      ),
  );

/** The queries of the dashboard, each with where it stands and the labels of its legend. */
const dashboardQueries = (folder) => {
  const { panels, templating } = JSON.parse(readFileSync(join(folder, 'dashboard.json'), 'utf8'));
  return [
    ...panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ expr, legendFormat }) => ({ where: title, query: expr, legend: labelsInText(legendFormat) })),
    ),
    ...templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query: { query } }) => {
        const [, series, label] = /^label_values\((.*), (\w+)\)$/.exec(query) ?? [];
        return { where: `the variable ${name}`, query: series ?? '', legend: [label] };
      }),
  ];
};

/** Whether a configuration asks at the port at which our files have instances answer, under a name that the rules know. */
const configurationProblems = (file, deploy) => {
  const port = readVariables(readFileSync(join(deploy, 'kubernetes/base/settings.env'), 'utf8')).ASSENT_MANAGEMENT_PORT;
  const [{ scrape_configs: jobs }] = readYaml(file);
  return jobs.flatMap(({ job_name: name, static_configs: targets = [] }) => [
    ...(name.startsWith('assent') ? [] : [`the job ${name} has to be called assent, or a name that begins so`]),
    ...targets
      .flatMap((it) => it.targets)
      .filter((target) => !target.endsWith(`:${port}`))
      .map((target) => `asks ${target}, and the management port is ${port} in our files`),
  ]);
};

/** What the files say, without the program. */
const fileProblems = (folder, deploy) => {
  const problems = [];
  const say = (where, found) => problems.push(...found.map((problem) => `${where}: ${problem}`));
  const page = readFileSync(new URL(`../../${GUIDE}`, import.meta.url), 'utf8');
  const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
  const tests = names
    .filter((name) => name.endsWith('.test.yaml'))
    .flatMap((name) => readYaml(join(folder, name))[0].tests);
  const recording = rulesIn(join(folder, 'recording.yaml'));
  const alerts = rulesIn(join(folder, 'alerts.yaml'));
  const known = knownSeries(recording.map(({ record }) => record));
  for (const { record, expr } of recording) say(`recording.yaml: ${record}`, queryProblems(expr, known));
  for (const rule of alerts) {
    const texts = Object.values(rule.annotations ?? {}).flatMap((text) => [...text.matchAll(/\$labels\.(\w+)/g)]);
    say(`alerts.yaml: ${rule.alert}`, [
      ...queryProblems(
        rule.expr,
        known,
        texts.map(([, label]) => label),
      ),
      ...alertProblems(rule, anchorsOf(page)),
      ...(isTested(rule.alert, tests) ? [] : [`no test has it come to ${DEPLOYMENTS[0]} and not to ${DEPLOYMENTS[1]}`]),
    ]);
  }
  for (const { name, input_series: series = [] } of tests)
    for (const it of series) say(`the test "${name}"`, queryProblems(it.series, known));
  for (const { where, query, legend } of dashboardQueries(folder))
    say(`dashboard.json: ${where}`, queryProblems(query, known, legend));
  for (const name of names.filter((it) => it.startsWith('prometheus')))
    say(name, configurationProblems(join(folder, name), deploy));
  return problems;
};

const promtool = async (folder, ...args) => {
  const { isWell, said } = await runProgram('promtool', args, { cwd: folder });
  return isWell ? [] : [`promtool ${args.slice(0, 2).join(' ')}: ${said.trim()}`];
};

/** Whether the queries of the dashboard are ones: a rule is where promtool looks at a query, so each is put into one, under its title. */
const dashboardSyntax = (folder) =>
  inScratch(async (scratch) => {
    const rules = dashboardQueries(folder).map(({ where, query }) => ({
      alert: where,
      expr: query.replaceAll('$__rate_interval', '5m'),
    }));
    writeFileSync(join(scratch, 'dashboard.json'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    return await promtool(scratch, 'check', 'rules', '--lint=none', 'dashboard.json');
  });

export const checkPrometheus = async (deploy) => {
  const folder = join(deploy, 'prometheus');
  const problems = fileProblems(folder, deploy);
  const skipped = missingPrograms(['promtool']);
  // What is wrong with a name is said better by what names there are.
  if (skipped === undefined && problems.length === 0) {
    const named = (pattern) => readdirSync(folder).filter((name) => pattern.test(name));
    // The rules that a configuration names are looked at with it.
    const configurations = named(/^prometheus.*\.yaml$/);
    for (const name of configurations)
      problems.push(...(await promtool(folder, 'check', 'config', '--lint=all', '--lint-fatal', name)));
    problems.push(...(await dashboardSyntax(folder)));
    if (problems.length === 0) problems.push(...(await promtool(folder, 'test', 'rules', ...named(/\.test\.yaml$/))));
  }
  return { problems, skipped };
};
