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

const histogram = <const L extends readonly string[]>(
  name: Metric['name'],
  labels: L,
  help: string,
  buckets: readonly number[] = QUICK,
) => ({ name, kind: 'histogram', labels, help, buckets }) satisfies Metric<L>;

/**
 * How many values of a label are told apart, by its name; what comes beyond them counts as {@link OTHER} (OPS-54). What names a user, a device,
 * an address or a token is no label.
 */
export const LABEL_LIMITS: Readonly<Record<string, number>> = Object.freeze({ realm: 100, tree: 500, node_type: 200 });
export const LABEL_LIMIT = 100;
export const OTHER = 'other';

/** Every metric of the server, declared once (OPS-54). */
export const METRICS = Object.freeze({
  buildInfo: gauge(
    'assent_build_info',
    ['version', 'node'],
    'Always 1; its labels say which Assent runs on which Node.js.',
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
});
