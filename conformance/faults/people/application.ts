import { createHash } from 'node:crypto';
import type { History } from '../history.ts';
import type { Person } from './person.ts';
import { LedNowhere, SuccessWasLost, type Visit } from './visit.ts';

const APP = { client_id: 'demo-app', redirect_uri: 'http://localhost:5173/callback' };
const VERIFIER = 'v'.repeat(43);

const exchange = (visit: Visit, form: Readonly<Record<string, string>>) =>
  visit.ask('POST', 'oauth2/realms/root/access_token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: String(new URLSearchParams({ ...APP, ...form })),
  });

/** An application is given a code and tokens for it, refreshes them, and tries its luck with the code once more. */
export const signInApplication = async (
  visit: Visit,
  { name }: Person,
  session: string,
  history: History,
): Promise<void> => {
  const query = new URLSearchParams({
    ...APP,
    response_type: 'code',
    scope: 'openid offline_access',
    code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const { location } = await visit.ask('GET', `oauth2/realms/root/authorize?${query}`, {
    headers: { iplanetdirectorypro: session },
  });
  const answer = new URL(location ?? 'none:').searchParams;
  // What a 503 is to others: the application is sent back, and its user begins again.
  if (answer.get('error') === 'temporarily_unavailable') throw new SuccessWasLost('the server was busy');
  const code = answer.get('code');
  if (code === null) throw new LedNowhere(`a code was expected, and came ${location}`);
  const redeem = () => exchange(visit, { grant_type: 'authorization_code', code, code_verifier: VERIFIER });
  const first = await redeem();
  // What was committed when an answer was lost was given to nobody, and is given to nobody who comes next.
  if (first.wasRepeated && first.body.error === 'invalid_grant') throw new SuccessWasLost();
  if (first.status !== 200) throw new LedNowhere(`tokens were expected, and came ${JSON.stringify(first.body)}`);
  history.tell({ kind: 'tokens', user: name, grant: code });
  const next = await exchange(visit, { grant_type: 'refresh_token', refresh_token: String(first.body.refresh_token) });
  if (next.status !== 200 && !next.wasRepeated) {
    throw new LedNowhere(`new tokens were expected, and came ${JSON.stringify(next.body)}`);
  }
  if ((await redeem()).status === 200) history.tell({ kind: 'tokens', user: name, grant: code });
};
