/** What a counter, a gauge or a histogram is called, says and is told apart by: the measures and their reference are made of this. */
export interface Metric<L extends readonly string[] = readonly string[]> {
  readonly name: `assent_${string}`;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly labels: L;
  readonly help: string;
  /** Upper bounds in seconds, of a histogram. */
  readonly buckets?: readonly number[];
}

const counter = <const L extends readonly string[]>(name: Metric['name'], labels: L, help: string) =>
  ({ name, kind: 'counter', labels, help }) satisfies Metric<L>;
const gauge = <const L extends readonly string[]>(name: Metric['name'], labels: L, help: string) =>
  ({ name, kind: 'gauge', labels, help }) satisfies Metric<L>;

/** Of what a request waits for. */
const QUICK = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** Of what waits for a person, or for a provider. */
const WAITS = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600] as const;

const histogram = <const L extends readonly string[]>(
  name: Metric['name'],
  labels: L,
  help: string,
  buckets: readonly number[] = QUICK,
) => ({ name, kind: 'histogram', labels, help, buckets }) satisfies Metric<L>;

/**
 * How many values of a label are told apart, by its name; what comes beyond them counts as {@link OTHER} (OPS-54). What names a user, a device,
 * an address or a token is no label. Routes are the program's own, and there are fewer: else whoever asks for all of them once would decide
 * which are told apart.
 */
export const LABEL_LIMITS: Readonly<Record<string, number>> = Object.freeze({
  realm: 100,
  tree: 500,
  node_type: 200,
  route: 250,
});
export const LABEL_LIMIT = 100;
/** Those that are told apart in one metric are in all. Words of any other label are of one metric, and take no place in another. */
export const SHARED_LABELS: ReadonlySet<string> = new Set(['realm', 'tree', 'node_type', 'route']);
export const OTHER = 'other';

/** Every metric of the server, declared once (OPS-54). */
export const METRICS = Object.freeze({
  buildInfo: gauge(
    'assent_build_info',
    ['version', 'node'],
    'Always 1; its labels say which Assent runs on which Node.js.',
  ),
  ready: gauge(
    'assent_ready',
    [],
    '1 where requests may be sent here, as at `/health/ready`; 0 while the server starts or stops, or its store is away.',
  ),
  httpRequests: counter(
    'assent_http_requests_total',
    ['route', 'method', 'status'],
    'Requests that were answered, by the class of the status (2xx), or "aborted" where the client was gone before.',
  ),
  httpSeconds: histogram(
    'assent_http_request_duration_seconds',
    ['route'],
    'From the head of a request to the end of its answer; streams are as long as they stand open.',
  ),
  httpInFlight: gauge(
    'assent_http_requests_in_flight',
    [],
    'Requests that are being answered now, streams among them.',
  ),
  configurationVersion: gauge('assent_configuration_version', [], 'The version of the configuration that is served.'),
  instances: gauge('assent_instances', [], 'Instances that share the store and were heard of in the last minute.'),
  clockOffset: gauge(
    'assent_clock_offset_seconds',
    [],
    'How far the clock of the database is ahead of that of this machine; 0 where the store has none of its own.',
  ),
  journeysStarted: counter(
    'assent_journeys_started_total',
    ['realm', 'tree'],
    'Journeys that were written down, which is when their first step is answered: a page that was only shown is none.',
  ),
  journeyEnds: counter(
    'assent_journey_ends_total',
    ['realm', 'tree', 'outcome'],
    'Journeys that ended: success, failure, error, or expired, which are counted when they are swept.',
  ),
  journeySeconds: histogram(
    'assent_journey_duration_seconds',
    ['tree', 'outcome'],
    'From the first page of a journey to its end, people and phones included; journeys of one request are not in it.',
    WAITS,
  ),
  nodeOutcomes: counter(
    'assent_node_outcomes_total',
    ['node_type', 'outcome'],
    'Nodes that ran, by what they came to: an outcome, "callbacks" where somebody is asked, or "error". A step that was overtaken by another runs again.',
  ),
  nodeSeconds: histogram(
    'assent_node_duration_seconds',
    ['node_type'],
    'From the beginning of a node to what it came to, what it asks of others included.',
  ),
  passwordChecks: counter(
    'assent_password_checks_total',
    ['realm', 'outcome'],
    'Passwords that were checked: right, wrong, mustChange, expired, locked, refused where too many were wrong, or error.',
  ),
  passwordSeconds: histogram(
    'assent_password_hash_seconds',
    [],
    'From the wish for a hash to the hash, the wait for its turn included.',
  ),
  passwordWaiting: gauge('assent_password_hash_waiting', [], 'Passwords that wait for their turn to be hashed.'),
  passwordRefused: counter(
    'assent_password_hash_refused_total',
    [],
    'Passwords that were not hashed because too many waited; whoever typed one is told to try again.',
  ),
  pushMessages: counter(
    'assent_push_messages_total',
    ['transport', 'outcome'],
    'Messages to phones, by what came of the sending: sent, failed, unreachable, or deferred for another try.',
  ),
  pushSendSeconds: histogram(
    'assent_push_send_seconds',
    ['transport'],
    'From the request, which is committed then, to the yes of the provider.',
  ),
  pushAnswers: counter(
    'assent_push_answers_total',
    ['outcome'],
    'Answers of phones that count: approved, denied, or wrongNumber.',
  ),
  pushAlerts: counter(
    'assent_push_alerts_total',
    ['realm', 'reason'],
    'What users say of requests that were not theirs: "not-me", denied after the sign-in went through ("too-late"), or all requests paused ("paused").',
  ),
  pushAnswerSeconds: histogram('assent_push_answer_seconds', [], 'From the request to the answer of the phone.', WAITS),
  pushSuppressed: counter(
    'assent_push_suppressed_total',
    ['reason'],
    'Requests that no phone was rung for, because there were too many: first ones ("request"), or ones that were asked for again ("resend").',
  ),
  pushChannelsDead: counter(
    'assent_push_channels_dead_total',
    ['transport'],
    'Phones whose address the provider does not know any more.',
  ),
  providerRequests: counter(
    'assent_provider_requests_total',
    ['provider', 'outcome'],
    'Calls of push providers: sent, failed, or left alone, which is not called.',
  ),
  providerSeconds: histogram(
    'assent_provider_request_seconds',
    ['provider'],
    'How long a push provider takes to answer, what the transport tries again included.',
  ),
  providerOpen: gauge(
    'assent_provider_breaker_open',
    ['provider', 'realm'],
    'Push providers that are down and left alone by this instance.',
  ),
  outboxMessages: gauge(
    'assent_outbox_messages',
    ['kind', 'state'],
    'Mails, webhooks and notices that wait to be sent ("waiting"), or were given up ("dead"); each instance tells of all.',
  ),
  outboxOldest: gauge(
    'assent_outbox_oldest_seconds',
    ['kind'],
    'Since when the one that waits longest of those that were tried is tried for.',
  ),
  outboxTries: counter(
    'assent_outbox_tries_total',
    ['kind', 'outcome'],
    'Tries to send an entry of the outbox: settled, failed, or refused for good.',
  ),
  streamsOpen: gauge(
    'assent_streams_open',
    ['kind'],
    'Streams that stand open: of pages that wait for a phone ("wait"), and of phones ("relay").',
  ),
  hintBusUp: gauge(
    'assent_hint_bus_up',
    [],
    '1 while Redis passes on hints, 0 while it does not; 1 where none is set, since then the database is looked at.',
  ),
  hints: counter(
    'assent_hints_total',
    ['direction'],
    'Hints that were published here ("sent"), or came from other instances ("received").',
  ),
  storeCommits: counter(
    'assent_store_commits_total',
    ['outcome'],
    'Commits: applied, refused because others were first, unavailable, uncertain whether they were applied, or error.',
  ),
  storeCommitSeconds: histogram(
    'assent_store_commit_seconds',
    [],
    'How long commits took, whatever became of them, with all that they were repeated.',
  ),
  storeRetries: counter(
    'assent_store_commit_retries_total',
    ['sqlstate'],
    'Transactions that were repeated, by the SQLSTATE of the database, or "none" where a connection died.',
  ),
  storeRefused: counter(
    'assent_store_refused_total',
    ['verb'],
    'Commits that were refused, by the change that did not apply.',
  ),
  storeReads: counter('assent_store_reads_total', ['reader'], 'Reads by requests and journeys, by what was asked.'),
  poolConnections: gauge(
    'assent_store_pool_connections',
    ['pool', 'state'],
    'Connections to PostgreSQL: busy, idle, and requests that are waiting for one.',
  ),
  poolWaitSeconds: histogram(
    'assent_store_pool_wait_seconds',
    ['pool'],
    'How long somebody waited for a connection to PostgreSQL, also where none could be had.',
  ),
  sweepRows: counter(
    'assent_sweep_rows_total',
    ['table'],
    'Rows that were deleted since nobody can need them any more.',
  ),
  sweepLag: gauge(
    'assent_sweep_lag_seconds',
    ['table'],
    'Since when rows may be left that nobody needs; told by the instance that sweeps, and by no other.',
  ),
  leaseHeld: gauge('assent_lease_held', ['lease'], '1 where this instance does it for all.'),
  auditRows: counter('assent_audit_rows_total', [], 'Rows that were written to the audit trail.'),
  auditUnsealed: gauge(
    'assent_audit_unsealed_seconds',
    [],
    'How old the oldest row of the audit trail is that is not sealed in its chain yet; a second or two.',
  ),
  auditGaps: counter(
    'assent_audit_gaps_total',
    [],
    'Times that the end of the audit trail was found not to be what was sealed: somebody has changed it.',
  ),
  auditSinkLag: gauge(
    'assent_audit_sink_lag_seconds',
    [],
    'How old the oldest row of the audit trail is that its sink has not taken; 0 where another instance sends.',
  ),
  sessionsCreated: counter('assent_sessions_created_total', ['realm'], 'Sessions that were made.'),
  throttled: counter(
    'assent_throttled_total',
    ['limit'],
    'What was refused because it was tried too often, by the limit: password, push, otp, recovery and others.',
  ),
  passwordSprays: counter(
    'assent_password_sprays_total',
    [],
    'How often wrong passwords came at a hundred accounts of a realm within ten minutes, more than right ones; the audit trail has the realm.',
  ),
  factorsDisabled: counter(
    'assent_factors_disabled_total',
    ['factor'],
    'Passwords and codes of users that a hundred wrong ones in a row have disabled for browsers and addresses that do not know the user.',
  ),
  ldapRequests: counter(
    'assent_ldap_requests_total',
    ['operation', 'outcome'],
    'Questions to directories: search, bind, modify or password; ok, refused by the directory, or unavailable.',
  ),
});
