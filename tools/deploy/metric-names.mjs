import { METRICS } from '@assent/server';

// What a query says of metrics, held against the table that they are made of: Prometheus finds nothing for a name that nobody tells, and an
// alert that finds nothing never comes.

/** What Prometheus itself says of whatever it reads. */
const OF_EACH_TARGET = ['job', 'instance'];

const SERIES_OF_HISTOGRAM = { _bucket: ['le'], _sum: [], _count: [] };

/** Prometheus' own, and those that the library tells of the process; a test of the server holds the names of these against what it tells. */
const OTHERS = [/^up$/, /^ALERTS$/, /^(?:process|nodejs)_\w+$/];
const LABELS_OF_ALERTS = ['alertname', 'alertstate', 'severity'];

const KEYWORDS = new Set(['and', 'or', 'unless', 'bool', 'offset', 'Inf', 'NaN']);

/** The labels of each series that the server tells. */
const declared = () =>
  Object.values(METRICS).flatMap(({ name, kind, labels }) =>
    kind === 'histogram'
      ? Object.entries(SERIES_OF_HISTOGRAM).map(([suffix, more]) => [`${name}${suffix}`, [...labels, ...more]])
      : [[name, labels]],
  );

/** What is recorded begins with the labels that it has, by which a colon stands. */
const recordedLabels = (name) => name.slice(0, name.indexOf(':')).split('_');

/** The labels of every series that there is, by its name. */
export const knownSeries = (recorded) =>
  new Map([
    ...declared().map(([name, labels]) => [name, [...labels, ...OF_EACH_TARGET]]),
    ...recorded.map((name) => [name, recordedLabels(name)]),
  ]);

const labelsOf = (name, known) => {
  if (!OTHERS.some((pattern) => pattern.test(name))) return known.get(name);
  return name === 'ALERTS' ? [...OF_EACH_TARGET, ...LABELS_OF_ALERTS] : OF_EACH_TARGET;
};

const NAME = /(?<![\w:.$])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])/g;

/** Which series a query names, each with the labels of its matchers, and by which labels it puts them together. */
const namedIn = (query) => {
  const withoutTexts = query.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const groups = [];
  const rest = withoutTexts.replace(
    /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g,
    (_all, list) => {
      groups.push(
        ...list
          .split(',')
          .map((it) => it.trim())
          .filter(Boolean),
      );
      return ' ';
    },
  );
  const matched = [...rest.matchAll(/([a-zA-Z_:][\w:]*)\s*\{([^}]*)\}/g)].map(([, name, matchers]) => ({
    name,
    labels: [...matchers.matchAll(/(\w+)\s*[=!]/g)].map(([, label]) => label),
  }));
  const bare = [...rest.replace(/\{[^}]*\}/g, ' ').matchAll(NAME)].map(([name]) => name);
  const names = bare.filter((name) => !KEYWORDS.has(name));
  return { names: new Set([...names, ...matched.map(({ name }) => name)]), matched, groups };
};

/** What is wrong with the names and labels of a query; `legend` are labels that are written beside its answer. */
export const queryProblems = (query, known, legend = []) => {
  const { names, matched, groups } = namedIn(query);
  const unknown = [...names].filter((name) => labelsOf(name, known) === undefined);
  if (unknown.length > 0) return unknown.map((name) => `there is no metric ${name}, see docs/reference/metrics.md`);
  if (names.size === 0) return ['it names no metric'];
  const all = new Set([...names].flatMap((name) => labelsOf(name, known)));
  return [
    ...matched.flatMap(({ name, labels }) =>
      labels
        .filter((label) => !labelsOf(name, known).includes(label))
        .map((label) => `${name} has no label ${label}, it has ${labelsOf(name, known).join(', ')}`),
    ),
    ...[...groups, ...legend]
      .filter((label) => !all.has(label))
      .map((label) => `${[...names].join(', ')} has no label ${label}, it has ${[...all].join(', ')}`),
  ];
};
