import { expect, test } from 'vitest';
import { basic, bodyOf, testProvider, usualRequest, WITH_SECRET } from '../testing/index.ts';
import { authorizeEndpoint } from './authorize.ts';
import { parEndpoint } from './par.ts';

const FLOOD = 150;

const world = (client = {}) => {
  const provider = testProvider({ clients: [client] });
  provider.signInJane();
  const push = async (clientAddress: string, headers = {}) => {
    provider.clock.advance(1);
    return bodyOf(await provider.ask(parEndpoint, usualRequest, { clientAddress, headers })).request_uri as string;
  };
  /** How a request that was pushed ends: by a code, or not. */
  const isGood = async (request_uri: string) => {
    const answer = await provider.ask(authorizeEndpoint, { client_id: 'app', request_uri }, { method: 'GET' });
    return answer.kind === 'redirect' && answer.location.includes('code=');
  };
  return { push, isGood };
};

test('what a public client pushes proves nothing: a place that floods loses its own, and nobody else does (OIDC-22)', async () => {
  const { push, isGood } = world();
  const early = await push('198.51.100.1');
  const first = await push('203.0.113.1');
  for (let at = 0; at < FLOOD; at += 1) await push('203.0.113.1');
  const last = await push('203.0.113.1');
  expect([await isGood(early), await isGood(first), await isGood(last)]).toEqual([true, false, true]);
});

test('the server of a client that proves itself speaks for many, and is no flood', async () => {
  const { push, isGood } = world(WITH_SECRET);
  const proof = { authorization: basic('app', 'secret') };
  const first = await push('203.0.113.1', proof);
  for (let at = 0; at < FLOOD; at += 1) await push('203.0.113.1', proof);
  expect(await isGood(first)).toBe(true);
});
