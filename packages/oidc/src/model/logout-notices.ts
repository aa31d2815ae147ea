import { createHash } from 'node:crypto';
import type { OutboxEntry } from '@assent/engine/host';
import type { OAuthGrant } from './grants.ts';

/** The kind of what tells a client that a session is over, in the outbox. */
export const LOGOUT_NOTICE = 'logout';

/** Which session is over, and whose it was. */
export interface LogoutNotice {
  readonly realm: string;
  readonly clientId: string;
  readonly userId: string;
  readonly sid: string;
  /** Of the client when the user granted it something: another client of the id is told nothing. */
  readonly clientGeneration?: string;
}

/** What is written with the end of a session for each of its clients; a session has one end, so each is told once. */
const logoutEntry = ({ realm, clientId, userId, sid, clientGeneration }: LogoutNotice): OutboxEntry => ({
  id: createHash('sha256')
    .update(
      JSON.stringify([LOGOUT_NOTICE, realm, clientId, userId, sid, ...(clientGeneration ? [clientGeneration] : [])]),
    )
    .digest('base64url'),
  kind: LOGOUT_NOTICE,
  realm,
  recipient: clientId,
  payload: JSON.stringify({ userId, sid, clientGeneration }),
});

export const readLogoutEntry = ({ realm, recipient, payload }: OutboxEntry): LogoutNotice => ({
  ...(JSON.parse(payload) as Pick<LogoutNotice, 'userId' | 'sid' | 'clientGeneration'>),
  realm,
  clientId: recipient,
});

/** Whom to tell of the end of sessions by the grants in them, each once. */
export const noticesOf = (
  rows: readonly Pick<OAuthGrant, 'realm' | 'clientId' | 'clientGeneration' | 'userId' | 'sid'>[],
): readonly OutboxEntry[] => {
  const entries = rows.flatMap(({ sid, ...row }) => (sid === undefined ? [] : logoutEntry({ ...row, sid })));
  return [...new Map(entries.map((entry) => [entry.id, entry])).values()];
};
