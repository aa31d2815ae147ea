import { randomBytes, randomUUID } from 'node:crypto';
import type { Page } from 'playwright-core';
import { signHs256 } from './phone.ts';

/** A push message, but for what names the phone that it is for. */
export interface RoutedPush {
  /** The shared key of the account. */
  readonly secret: Uint8Array;
  /** Beside a user, a challenge and two minutes to answer (spec: push-protocol §3.1). */
  readonly claims: Readonly<Record<string, string>>;
}

/**
 * Answers for the relay on a phone's page: one message waits there. For what our own server sends to official apps alone,
 * and the phone understands none the less.
 */
export const routeRelay = async (page: Page, { secret, claims }: RoutedPush): Promise<void> => {
  const createdAt = Date.now();
  const messageId = `AUTHENTICATE:${randomUUID()}${createdAt}`;
  const common = { c: randomBytes(32).toString('base64'), i: String(createdAt), t: '120', p: '{}', ...claims };
  await page.route(/\/push\/relay\?/, (route) => {
    const request = route.request();
    if (request.method() !== 'GET') return route.fulfill({ json: {} });
    const u = new URL(request.url()).searchParams.get('mechanismUid') ?? '';
    const entry = { messageId, message: signHs256({ u, ...common }, secret) };
    if (request.headers().accept !== 'text/event-stream') return route.fulfill({ json: { messages: [entry] } });
    return route.fulfill({ contentType: 'text/event-stream', body: `event: push\ndata: ${JSON.stringify(entry)}\n\n` });
  });
};
