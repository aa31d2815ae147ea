import type { StoreChange } from '../ports/store.ts';
import {
  activeGrant,
  approvedBy,
  backChannelRow,
  boundRow,
  codeRow,
  deviceRow,
  grantRow,
  journeyRow,
  keyRow,
  messageRow,
  NOW,
  newUser,
  oathRow,
  outboxEntry,
  parkedRow,
  passkeyRow,
  pendingRow,
  proposalRow,
} from './rows.ts';

export const user = 'user-1';
export const ring = (id: string, given: Parameters<typeof messageRow>[0] = {}) => messageRow({ id, ...given });
export const opened = (...rows: ReturnType<typeof messageRow>[]): StoreChange => ({ type: 'push.open', rows });
export const answer = (id: string, state: 'approved' | 'denied'): StoreChange => ({
  type: 'push.answer',
  id,
  state,
  at: NOW + 1,
  answerHash: `${id} ${state}`,
});
const consume = (state: 'approved' | 'denied'): StoreChange => ({
  type: 'push.consume',
  request: 'AUTHENTICATE:1',
  state,
  at: NOW + 2,
});

export const redeem: StoreChange = { type: 'grant.redeem', id: 'grant-1', at: NOW, expiresAt: NOW + 900_000 };
const refresh: StoreChange = {
  type: 'grant.refresh',
  id: 'grant-1',
  seenRefreshNo: 1,
  rotates: true,
  at: NOW,
  expiresAt: NOW + 900_000,
};
const rotateKeys: StoreChange = {
  type: 'signingKey.rotate',
  realm: '/alpha',
  nextKid: 'kid-2',
  activeKid: 'kid-1',
  at: NOW,
};
const passkeyUsed: StoreChange = {
  type: 'passkey.used',
  uuid: 'passkey-1',
  signCount: 8,
  mismatch: false,
  userVerified: true,
  backedUp: false,
  at: NOW + 1,
};
const pendingOpened: StoreChange = { type: 'pendingApproval.open', row: pendingRow(), now: NOW };
const pollDevice: StoreChange = {
  type: 'pendingApproval.poll',
  idHash: 'device-code-1',
  seenNextPollAt: NOW,
  nextPollAt: NOW + 5_000,
  interval: 5,
};
const claimEntry: StoreChange = {
  type: 'outbox.claim',
  id: outboxEntry().id,
  seenTries: 0,
  at: NOW,
  nextTryAt: NOW + 10_000,
};

/** What comes first, and two commits that meet after it, of which exactly one may be applied. */
export type Race = readonly [
  name: string,
  before: readonly StoreChange[],
  one: readonly StoreChange[],
  other: readonly StoreChange[],
];

export const oneWinner: readonly Race[] = [
  [
    'two answers to one message (I2)',
    [opened(ring('AUTHENTICATE:1'))],
    [answer('AUTHENTICATE:1', 'approved')],
    [answer('AUTHENTICATE:1', 'approved')],
  ],
  [
    'two phones that approve one request (I2)',
    [opened(ring('AUTHENTICATE:1'), ring('AUTHENTICATE:2', { request: 'AUTHENTICATE:1', deviceUuid: 'device-2' }))],
    [answer('AUTHENTICATE:1', 'approved')],
    [answer('AUTHENTICATE:2', 'approved')],
  ],
  [
    'two journeys that take one approve (I2)',
    [opened(ring('AUTHENTICATE:1')), answer('AUTHENTICATE:1', 'approved')],
    [consume('approved')],
    [consume('approved')],
  ],
  [
    'a deny and the journey that takes the approve (I8)',
    [opened(ring('AUTHENTICATE:1')), answer('AUTHENTICATE:1', 'approved')],
    [answer('AUTHENTICATE:1', 'denied')],
    [consume('approved')],
  ],
  [
    'two uses of one recovery code (I2)',
    [{ type: 'codes.replace', userId: user, deviceType: 'push', rows: [codeRow()] }],
    [{ type: 'code.use', id: 'code-1' }],
    [{ type: 'code.use', id: 'code-1' }],
  ],
  [
    'two submits of one step',
    [{ type: 'journey.insert', row: journeyRow() }],
    [{ type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ nonce: 'nonce-2' }) }],
    [{ type: 'journey.advance', seenNonce: 'nonce-1', row: journeyRow({ nonce: 'nonce-3' }) }],
  ],
  [
    'two first submits of one journey',
    [],
    [{ type: 'journey.insert', row: journeyRow() }],
    [{ type: 'journey.insert', row: journeyRow({ nonce: 'nonce-2' }) }],
  ],
  [
    'the fifth phone of five, twice',
    [
      newUser(),
      ...[1, 2, 3, 4].map(
        (at): StoreChange => ({ type: 'device.insert', row: deviceRow({ uuid: `device-${at}` }), maxDevices: 5 }),
      ),
    ],
    [{ type: 'device.insert', row: deviceRow({ uuid: 'device-5' }), maxDevices: 5 }],
    [{ type: 'device.insert', row: deviceRow({ uuid: 'device-6' }), maxDevices: 5 }],
  ],
  [
    'two proofs of one phone (SEC-05)',
    [{ type: 'device.insert', row: deviceRow({ pending: { journeyId: 'journey-1', until: NOW + 9 } }), maxDevices: 5 }],
    [{ type: 'device.confirm', uuid: 'device-1', journeyId: 'journey-1', at: NOW }],
    [{ type: 'device.confirm', uuid: 'device-1', journeyId: 'journey-1', at: NOW }],
  ],
  [
    'two one-time passwords that saw one counter (SEC-49)',
    [{ type: 'oath.insert', row: oathRow(), maxDevices: 5 }],
    [{ type: 'oath.used', row: oathRow({ counter: 1 }) }],
    [{ type: 'oath.used', row: oathRow({ counter: 2 }) }],
  ],
  [
    'two who register one credential (WA-08)',
    [],
    [{ type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 }],
    [{ type: 'passkey.insert', row: passkeyRow({ uuid: 'passkey-2', userId: 'user-2' }), maxDevices: 5 }],
  ],
  [
    'the second passkey of two, twice (WA-19)',
    [newUser(), { type: 'passkey.insert', row: passkeyRow(), maxDevices: 2 }],
    [{ type: 'passkey.insert', row: passkeyRow({ uuid: 'a', credentialId: 'a' }), maxDevices: 2 }],
    [{ type: 'passkey.insert', row: passkeyRow({ uuid: 'b', credentialId: 'b' }), maxDevices: 2 }],
  ],
  [
    'two answers of a passkey with one count (WA-11)',
    [newUser(), { type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 }],
    [passkeyUsed],
    [passkeyUsed],
  ],
  [
    'the removal of one passkey, twice',
    [{ type: 'passkey.insert', row: passkeyRow(), maxDevices: 5 }],
    [{ type: 'passkey.delete', uuid: 'passkey-1' }],
    [{ type: 'passkey.delete', uuid: 'passkey-1' }],
  ],
  [
    'two who bind one kid (WA-44)',
    [],
    [{ type: 'bound.insert', row: boundRow(), maxDevices: 5 }],
    [{ type: 'bound.insert', row: boundRow({ userId: 'user-2' }), maxDevices: 5 }],
  ],
  [
    'the second bound device of two, twice (WA-19)',
    [newUser(), { type: 'bound.insert', row: boundRow(), maxDevices: 2 }],
    [{ type: 'bound.insert', row: boundRow({ uuid: 'kid-2' }), maxDevices: 2 }],
    [{ type: 'bound.insert', row: boundRow({ uuid: 'kid-3' }), maxDevices: 2 }],
  ],
  [
    'two counts of one guess (SEC-56)',
    [],
    [{ type: 'throttle.put', row: { subject: 'guess:user-1', hits: [NOW], lockedUntil: 0, rev: 0 } }],
    [{ type: 'throttle.put', row: { subject: 'guess:user-1', hits: [NOW], lockedUntil: 0, rev: 0 } }],
  ],
  [
    'two users of one name',
    [],
    [newUser({ id: 'one', username: 'Demo' })],
    [newUser({ id: 'other', username: 'demo' })],
  ],
  [
    'two passwords over the same old one',
    [newUser({ hash: 'old' })],
    [{ type: 'identity.password', id: user, hash: 'one', seenCredentialRev: 1 }],
    [{ type: 'identity.password', id: user, hash: 'other', seenCredentialRev: 1 }],
  ],
  [
    'two changes of what a user is',
    [newUser()],
    [{ type: 'identity.attributes', id: user, seenRev: 1, attributes: { mail: ['one@example.com'] } }],
    [{ type: 'identity.attributes', id: user, seenRev: 1, attributes: { mail: ['other@example.com'] } }],
  ],
  [
    'two writers of the configuration',
    [],
    [{ type: 'configuration.change', seenVersion: 0, deleteTrees: [] }],
    [{ type: 'configuration.change', seenVersion: 0, deleteTrees: [] }],
  ],
  [
    'the removal of one phone, twice',
    [{ type: 'device.insert', row: deviceRow(), maxDevices: 5 }],
    [{ type: 'device.delete', uuid: 'device-1' }],
    [{ type: 'device.delete', uuid: 'device-1' }],
  ],
  [
    'the insert of one back channel, twice',
    [],
    [{ type: 'backChannel.open', row: backChannelRow() }],
    [{ type: 'backChannel.open', row: backChannelRow() }],
  ],
  ['two who redeem one code (OIDC-04)', [{ type: 'grant.open', row: grantRow() }], [redeem], [redeem]],
  ['two who refresh with one token (OIDC-06)', [{ type: 'grant.open', row: activeGrant() }], [refresh], [refresh]],
  [
    'two codes for one pushed request',
    [{ type: 'parked.put', row: parkedRow(), now: NOW }],
    [{ type: 'parked.spend', idHash: 'parked-1', now: NOW }],
    [{ type: 'parked.spend', idHash: 'parked-1', now: NOW }],
  ],
  [
    'an approval and a rejection of one proposal',
    [{ type: 'proposal.put', row: proposalRow(), now: NOW }],
    [{ type: 'proposal.settle', id: 'proposal-1', realm: '/alpha', now: NOW, notBy: 'user-2' }],
    [{ type: 'proposal.settle', id: 'proposal-1', realm: '/alpha', now: NOW }],
  ],
  [
    'a proof that is shown twice (RFC 9449 §11.1)',
    [],
    [{ type: 'replay.see', hash: 'h', owner: 'o', expiresAt: NOW + 1, now: NOW }],
    [{ type: 'replay.see', hash: 'h', owner: 'o', expiresAt: NOW + 1, now: NOW }],
  ],
  [
    'two first signing keys',
    [],
    [{ type: 'signingKey.insert', row: keyRow({ kid: 'one' }) }],
    [{ type: 'signingKey.insert', row: keyRow({ kid: 'other' }) }],
  ],
  [
    'two rotations of one key',
    [
      { type: 'signingKey.insert', row: keyRow() },
      { type: 'signingKey.insert', row: keyRow({ kid: 'kid-2', status: 'next' }) },
    ],
    [rotateKeys],
    [rotateKeys],
  ],
  ['two questions of one device (OIDC-24)', [pendingOpened], [pollDevice], [pollDevice]],
  [
    'an approve and a deny of one device',
    [pendingOpened],
    [{ type: 'pendingApproval.decide', idHash: 'device-code-1', now: NOW, approved: approvedBy() }],
    [{ type: 'pendingApproval.decide', idHash: 'device-code-1', now: NOW }],
  ],
  [
    'two who fetch the tokens of one device (OIDC-24)',
    [pendingOpened, { type: 'pendingApproval.decide', idHash: 'device-code-1', now: NOW, approved: approvedBy() }],
    [{ type: 'pendingApproval.take', idHash: 'device-code-1', now: NOW }],
    [{ type: 'pendingApproval.take', idHash: 'device-code-1', now: NOW }],
  ],
  [
    'two who set out to send one entry of the outbox',
    [{ type: 'outbox.put', entry: outboxEntry() }],
    [claimEntry],
    [claimEntry],
  ],
];
