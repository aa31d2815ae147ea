/** A request that carries JSON, or nothing. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON object of the answer; an empty one where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends a request: over HTTP, or straight into an application of this process. */
export type Send = (request: WireRequest) => Promise<WireAnswer>;

/** What a text says as JSON; an empty object where it is empty. */
export const jsonObject = (text: string): Readonly<Record<string, unknown>> =>
  text === '' ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>);

/** As it was at the start: suites put the one of a page in its place. */
const { fetch } = globalThis;

export const sendByFetch: Send = async ({ method, url, headers, body }) => {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    redirect: 'manual',
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: Object.fromEntries(response.headers), body: jsonObject(text) };
};
