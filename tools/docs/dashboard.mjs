/**
 * The dashboard for Grafana, as rows of panels. In a query, `@` stands for what is chosen above: deployment and instances.
 *
 * @typedef {{ title: string, unit: string, says?: string, kind?: 'stat', isSigned?: boolean, queries: readonly (readonly [expr: string, legend: string])[] }} Panel
 */

const EACH_SECOND = 'ops';
const SECONDS = 's';
const SHARE = 'percentunit';
const NUMBER = 'short';

/** How often each second, told apart by these labels. */
const rate = (metric, labels, matchers = '@') => `sum by (${labels}) (rate(${metric}{${matchers}}[$__rate_interval]))`;

/** A quantile of a histogram, told apart by these labels. */
const quantile = (q, metric, labels = '') =>
  `histogram_quantile(${q}, sum by (${labels === '' ? '' : `${labels}, `}le) (rate(${metric}_bucket{@}[$__rate_interval])))`;

/** Half, and all but one in a hundred. */
const medianAndSlowest = (metric) => [
  [quantile(0.5, metric), 'half'],
  [quantile(0.99, metric), '99 of 100'],
];

/** @type {readonly (readonly [row: string, panels: readonly Panel[]])[]} */
const ROWS = [
  [
    'Is it well?',
    [
      { title: 'Instances that are ready', unit: NUMBER, kind: 'stat', queries: [['sum(assent_ready{@})', 'ready']] },
      {
        title: 'Requests that failed in three days',
        unit: SHARE,
        kind: 'stat',
        says: '0.1 % may, so that 99.9 % of a month succeed. All instances together.',
        queries: [['job:assent_http_errors:ratio_rate3d{job="$job"}', 'failed']],
      },
      {
        title: 'Alerts',
        unit: NUMBER,
        kind: 'stat',
        queries: [['count(ALERTS{alertname=~"Assent.*",alertstate="firing"}) or vector(0)', 'firing']],
      },
    ],
  ],
  [
    'Logins',
    [
      {
        title: 'Journeys that began',
        unit: EACH_SECOND,
        queries: [[rate('assent_journeys_started_total', 'tree'), '{{tree}}']],
      },
      {
        title: 'Journeys that ended',
        unit: EACH_SECOND,
        queries: [[rate('assent_journey_ends_total', 'outcome'), '{{outcome}}']],
      },
      {
        title: 'How long people took',
        unit: SECONDS,
        says: 'From the first page to the end, phones included.',
        queries: medianAndSlowest('assent_journey_duration_seconds'),
      },
      {
        title: 'Passwords',
        unit: EACH_SECOND,
        queries: [[rate('assent_password_checks_total', 'outcome'), '{{outcome}}']],
      },
      {
        title: 'Passwords that wait to be hashed',
        unit: NUMBER,
        says: 'More than a few for long: it takes more processors.',
        queries: [
          ['sum by (instance) (assent_password_hash_waiting{@})', '{{instance}}'],
          [rate('assent_password_hash_refused_total', 'instance'), 'refused each second, {{instance}}'],
        ],
      },
      {
        title: 'Refused as tried too often',
        unit: EACH_SECOND,
        says: 'Somebody may be trying passwords, or phones.',
        queries: [[rate('assent_throttled_total', 'limit'), '{{limit}}']],
      },
      {
        title: 'Requests that fail',
        unit: SHARE,
        queries: [['job:assent_http_errors:ratio_rate5m{job="$job"}', 'all instances']],
      },
      {
        title: 'Which requests fail',
        unit: EACH_SECOND,
        queries: [[rate('assent_http_requests_total', 'route, method', '@,status="5xx"'), '{{method}} {{route}}']],
      },
      {
        title: 'Nodes that fail',
        unit: EACH_SECOND,
        queries: [[rate('assent_node_outcomes_total', 'node_type', '@,outcome="error"'), '{{node_type}}']],
      },
    ],
  ],
  [
    'Phones',
    [
      {
        title: 'Messages to phones',
        unit: EACH_SECOND,
        queries: [[rate('assent_push_messages_total', 'transport, outcome'), '{{transport}} {{outcome}}']],
      },
      { title: 'Answers', unit: EACH_SECOND, queries: [[rate('assent_push_answers_total', 'outcome'), '{{outcome}}']] },
      {
        title: 'Phones that do not answer',
        unit: SHARE,
        says: 'Of the messages of half an hour, in all instances together.',
        queries: [['job:assent_push_unanswered:ratio_increase30m{job="$job"}', 'unanswered']],
      },
      {
        title: 'From the request to the answer',
        unit: SECONDS,
        queries: medianAndSlowest('assent_push_answer_seconds'),
      },
      {
        title: 'From the request to the yes of the provider',
        unit: SECONDS,
        queries: [[quantile(0.99, 'assent_push_send_seconds', 'transport'), '99 of 100, {{transport}}']],
      },
      {
        title: 'Providers',
        unit: EACH_SECOND,
        queries: [
          [rate('assent_provider_requests_total', 'provider, outcome'), '{{provider}} {{outcome}}'],
          ['max by (provider, realm) (assent_provider_breaker_open{@})', '{{provider}} is down in {{realm}}'],
        ],
      },
      {
        title: 'Requests that rang no phone',
        unit: EACH_SECOND,
        says: 'Because there were too many of them.',
        queries: [[rate('assent_push_suppressed_total', 'reason'), '{{reason}}']],
      },
      {
        title: 'Phones that were found gone',
        unit: EACH_SECOND,
        queries: [[rate('assent_push_channels_dead_total', 'transport'), '{{transport}}']],
      },
      {
        title: 'Pages and phones that wait',
        unit: NUMBER,
        queries: [['sum by (kind) (assent_streams_open{@})', '{{kind}}']],
      },
    ],
  ],
  [
    'Store',
    [
      {
        title: 'Commits',
        unit: EACH_SECOND,
        queries: [[rate('assent_store_commits_total', 'outcome'), '{{outcome}}']],
      },
      {
        title: 'How long commits take',
        unit: SECONDS,
        queries: [
          [quantile(0.5, 'assent_store_commit_seconds'), 'half'],
          ['job:assent_store_commit_seconds:p99_rate5m{job="$job"}', '99 of 100, all instances'],
        ],
      },
      {
        title: 'Transactions that were repeated',
        unit: EACH_SECOND,
        queries: [[rate('assent_store_commit_retries_total', 'sqlstate'), '{{sqlstate}}']],
      },
      {
        title: 'Reads',
        unit: EACH_SECOND,
        queries: [[`topk(8, ${rate('assent_store_reads_total', 'reader')})`, '{{reader}}']],
      },
      {
        title: 'How long connections are waited for',
        unit: SECONDS,
        queries: [['job_pool:assent_store_pool_wait_seconds:p99_rate5m{job="$job"}', '99 of 100, {{pool}}']],
      },
      {
        title: 'Connections',
        unit: NUMBER,
        queries: [['sum by (pool, state) (assent_store_pool_connections{@})', '{{pool}} {{state}}']],
      },
      {
        title: 'Changes that did not apply',
        unit: EACH_SECOND,
        queries: [[`topk(8, ${rate('assent_store_refused_total', 'verb')})`, '{{verb}}']],
      },
      {
        title: 'Rows that were swept',
        unit: EACH_SECOND,
        queries: [[rate('assent_sweep_rows_total', 'table'), '{{table}}']],
      },
      {
        title: 'Since when rows may be left',
        unit: SECONDS,
        queries: [['max by (table) (assent_sweep_lag_seconds{job="$job"})', '{{table}}']],
      },
    ],
  ],
  [
    'Sending',
    [
      {
        title: 'Mails, webhooks and notices',
        unit: NUMBER,
        says: '"dead" was given up: assent outbox list --dead.',
        queries: [['max by (kind, state) (assent_outbox_messages{@})', '{{kind}} {{state}}']],
      },
      {
        title: 'The longest that is tried for',
        unit: SECONDS,
        queries: [['max by (kind) (assent_outbox_oldest_seconds{@})', '{{kind}}']],
      },
      {
        title: 'Tries',
        unit: EACH_SECOND,
        queries: [[rate('assent_outbox_tries_total', 'kind, outcome'), '{{kind}} {{outcome}}']],
      },
      {
        title: 'Directories',
        unit: EACH_SECOND,
        queries: [[rate('assent_ldap_requests_total', 'operation, outcome'), '{{operation}} {{outcome}}']],
      },
      {
        title: 'Hints between instances',
        unit: EACH_SECOND,
        queries: [
          [rate('assent_hints_total', 'direction'), '{{direction}}'],
          ['min(assent_hint_bus_up{@})', 'Redis is there (1) or not (0)'],
        ],
      },
      {
        title: 'Rows of the audit trail',
        unit: EACH_SECOND,
        queries: [['sum(rate(assent_audit_rows_total{@}[$__rate_interval]))', 'rows']],
      },
    ],
  ],
  [
    'Process',
    [
      { title: 'Processors', unit: NUMBER, queries: [[rate('process_cpu_seconds_total', 'instance'), '{{instance}}']] },
      { title: 'Memory', unit: 'bytes', queries: [['process_resident_memory_bytes{@}', '{{instance}}']] },
      {
        title: 'How late the event loop is',
        unit: SECONDS,
        says: 'More than a tenth of a second: something keeps everybody waiting.',
        queries: [['nodejs_eventloop_lag_p99_seconds{@}', '99 of 100, {{instance}}']],
      },
      { title: 'Requests', unit: EACH_SECOND, queries: [[rate('assent_http_requests_total', 'status'), '{{status}}']] },
      {
        title: 'Requests that are being answered',
        unit: NUMBER,
        queries: [['sum by (instance) (assent_http_requests_in_flight{@})', '{{instance}}']],
      },
      {
        title: 'Offset of the clock',
        unit: SECONDS,
        isSigned: true,
        queries: [['assent_clock_offset_seconds{@}', '{{instance}}']],
      },
      {
        title: 'Versions',
        unit: NUMBER,
        queries: [['count by (version, node) (assent_build_info{@})', '{{version}} on Node.js {{node}}']],
      },
      {
        title: 'Version of the configuration',
        unit: NUMBER,
        queries: [['assent_configuration_version{@}', '{{instance}}']],
      },
      { title: 'Who sweeps', unit: NUMBER, queries: [['assent_lease_held{@}', '{{lease}} {{instance}}']] },
    ],
  ],
];

const SOURCE = { type: 'prometheus', uid: '$datasource' };
const CHOSEN = 'job="$job",instance=~"$instance"';

const COLUMNS = 3;
const [WIDTH, HEIGHT, STAT_HEIGHT] = [8, 7, 4];

const panelOf = ({ title, unit, says, kind = 'timeseries', isSigned = false, queries }, id, gridPos) => ({
  id,
  type: kind,
  title,
  ...(says !== undefined && { description: says }),
  datasource: SOURCE,
  gridPos,
  fieldConfig: { defaults: { unit, ...(!isSigned && { min: 0 }) }, overrides: [] },
  options:
    kind === 'stat'
      ? { reduceOptions: { calcs: ['lastNotNull'] }, graphMode: 'none' }
      : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: queries.map(([expr, legendFormat], at) => ({
    refId: String.fromCharCode(65 + at),
    datasource: SOURCE,
    expr: expr.replaceAll('@', CHOSEN),
    legendFormat,
  })),
});

/** Rows one below the other, each with its panels in columns. */
const panels = () => {
  const made = [];
  let y = 0;
  for (const [title, ofRow] of ROWS) {
    made.push({
      id: made.length + 1,
      type: 'row',
      title,
      collapsed: false,
      panels: [],
      gridPos: { h: 1, w: 24, x: 0, y },
    });
    y += 1;
    const h = ofRow.every(({ kind }) => kind === 'stat') ? STAT_HEIGHT : HEIGHT;
    for (const [at, panel] of ofRow.entries()) {
      const gridPos = { h, w: WIDTH, x: (at % COLUMNS) * WIDTH, y: y + Math.floor(at / COLUMNS) * h };
      made.push(panelOf(panel, made.length + 1, gridPos));
    }
    y += Math.ceil(ofRow.length / COLUMNS) * h;
  }
  return made;
};

const variable = (name, label, query, isMany) => ({
  name,
  label,
  type: 'query',
  datasource: SOURCE,
  query: { query, refId: name },
  // Looked up anew with each range of time.
  refresh: 2,
  sort: 1,
  multi: isMany,
  includeAll: isMany,
  current: isMany ? { text: ['All'], value: ['$__all'] } : {},
});

/** `deploy/prometheus/dashboard.json`, to import into Grafana 10 or later. */
export const dashboard = () =>
  `${JSON.stringify(
    {
      uid: 'assent',
      title: 'Assent',
      description: 'Made by `npm run docs` of tools/docs/dashboard.mjs. Change that, not this.',
      tags: ['assent'],
      schemaVersion: 39,
      editable: true,
      refresh: '30s',
      time: { from: 'now-6h', to: 'now' },
      templating: {
        list: [
          { name: 'datasource', label: 'Prometheus', type: 'datasource', query: 'prometheus', current: {} },
          variable('job', 'Deployment', 'label_values(assent_build_info, job)', false),
          variable('instance', 'Instance', 'label_values(assent_build_info{job="$job"}, instance)', true),
        ],
      },
      panels: panels(),
    },
    undefined,
    2,
  )}\n`;
