import type { ChangeOf, ChangeType, StoreChange } from '../../ports/store.ts';
import type { BroughtUser } from '../../ports/users-change.ts';
import { metadataRow } from '../describe-authenticator-metadata.ts';
import { nodeOf, scriptOf, settingsOf, treeOf } from '../describe-configuration.ts';
import {
  activeGrant,
  approvedBy,
  auditEvent,
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
  sessionRow,
} from '../rows.ts';

/** A small part of a store that nobody else has rows of: a realm, and one user with one of everything. */
export class World {
  readonly #name: string;
  readonly realm: string;
  readonly user: string;
  readonly policy = { windowMillis: 60_000, free: 1, lockMillis: 1_000, maxLockMillis: 1_000 };

  constructor(name: string) {
    this.#name = name;
    this.realm = `/${name}`;
    this.user = this.of('user');
  }

  of(what: string): string {
    return `${what} ${this.#name}`;
  }

  get owned() {
    return { realm: this.realm, userId: this.user };
  }
  /** Of a request to two phones. */
  message(name: string, request = this.of(name)) {
    const id = this.of(name);
    return messageRow({ ...this.owned, id, request, journeyId: this.of('journey'), deviceUuid: this.of('device') });
  }
  session(given: Partial<ReturnType<typeof sessionRow>> = {}) {
    return sessionRow({
      ...this.owned,
      tokenHash: this.of('token'),
      handle: this.of('handle'),
      sid: this.of('sid'),
      ...given,
    });
  }
  device(name = 'device') {
    const uuid = this.of(name);
    return deviceRow({ ...this.owned, uuid, mechanismUid: this.of(`mechanism of ${name}`) });
  }
  oath(name = 'oath') {
    return oathRow({ ...this.owned, uuid: this.of(name) });
  }
  passkey(name = 'passkey') {
    return passkeyRow({ ...this.owned, uuid: this.of(name), credentialId: this.of(`credential of ${name}`) });
  }
  bound(name = 'kid') {
    return boundRow({ ...this.owned, uuid: this.of(name) });
  }
  grant(name: string) {
    return { ...this.owned, id: this.of(name), sid: this.of('sid') };
  }
  journey(nonce = 'nonce-1', name = 'journey') {
    return journeyRow({ id: this.of(name), realm: this.realm, nonce });
  }
  pending(name: string) {
    return pendingRow({ realm: this.realm, idHash: this.of(name), userCodeDigest: this.of(`digest of ${name}`) });
  }
  key(kid: string, status: 'active' | 'next' | 'retired') {
    return keyRow({ realm: this.realm, kid: this.of(kid), status });
  }

  /** A user of another server, who has the name here. */
  brought(name: string): BroughtUser {
    const id = this.of(`imported ${name}`);
    const owned = { realm: this.realm, userId: id };
    return {
      id,
      realm: this.realm,
      username: this.of(name),
      hash: '{SSHA512}x',
      active: false,
      attributes: { mail: [`${name}@example.com`] },
      credentialRev: 3,
      devices: [deviceRow({ ...owned, uuid: `${id} phone`, mechanismUid: id })],
      oathDevices: [oathRow({ ...owned, uuid: `${id} app` })],
      passkeys: [passkeyRow({ ...owned, uuid: `${id} passkey`, credentialId: `${id} credential` })],
      boundDevices: [boundRow({ ...owned, uuid: `${id} kid` })],
      codes: [codeRow({ ...owned, id: `${id} code`, selector: `${id} selector` })],
      consents: [{ ...owned, clientId: 'app', scopes: ['a'] }],
    };
  }

  /** What is there before. */
  made(): readonly StoreChange[] {
    const { of, realm, user } = { of: this.of.bind(this), realm: this.realm, user: this.user };
    return [
      {
        ...newUser({ id: user, realm, username: of('demo'), hash: 'old' }),
        entryId: of('entry of a directory'),
        entryMark: 'first',
      },
      { type: 'device.insert', row: this.device(), maxDevices: 5 },
      {
        type: 'device.insert',
        row: { ...this.device('pending'), pending: { journeyId: of('journey'), until: NOW + 9_000 } },
        maxDevices: 5,
      },
      { type: 'oath.insert', row: this.oath(), maxDevices: 5 },
      { type: 'passkey.insert', row: this.passkey(), maxDevices: 5 },
      { type: 'bound.insert', row: this.bound(), maxDevices: 5 },
      {
        type: 'codes.replace',
        userId: user,
        deviceType: 'push',
        rows: [codeRow({ ...this.owned, id: of('code'), selector: of('selector') })],
      },
      { type: 'journey.insert', row: this.journey() },
      { type: 'push.open', rows: [this.message('message'), this.message('message b', of('message'))] },
      { type: 'push.open', rows: [{ ...this.message('registration'), kind: 'REGISTER' }] },
      { type: 'push.answer', id: of('registration'), state: 'approved', at: NOW + 1, answerHash: 'h' },
      { type: 'session.insert', row: this.session() },
      {
        type: 'session.insert',
        row: this.session({ tokenHash: of('token 2'), handle: of('handle 2'), sid: of('sid 2') }),
      },
      { type: 'throttle.put', row: { subject: of('counter'), hits: [NOW], lockedUntil: 0, rev: 0 } },
      {
        type: 'backChannel.open',
        row: backChannelRow({ realm, idHash: of('channel'), openedBy: of('journey'), subject: user }),
      },
      {
        type: 'backChannel.open',
        row: backChannelRow({
          realm,
          idHash: of('approval'),
          openedBy: of('journey'),
          subject: user,
          status: 'approved',
        }),
      },
      { type: 'grant.open', row: grantRow(this.grant('code grant')) },
      { type: 'grant.open', row: activeGrant(this.grant('grant')) },
      { type: 'parked.put', row: parkedRow({ realm, idHash: of('parked') }), now: NOW },
      { type: 'proposal.put', row: proposalRow({ realm, id: of('proposal'), proposer: user }), now: NOW },
      { type: 'pendingApproval.open', row: this.pending('pending'), now: NOW },
      { type: 'pendingApproval.open', row: this.pending('approved'), now: NOW },
      {
        type: 'pendingApproval.decide',
        idHash: of('approved'),
        now: NOW,
        approved: approvedBy({ userId: user, sid: of('sid') }),
      },
      { type: 'consent.save', row: { realm, userId: user, clientId: 'app', scopes: ['a'] } },
      { type: 'signingKey.insert', row: this.key('active', 'active') },
      { type: 'signingKey.insert', row: this.key('next', 'next') },
      { type: 'signingKey.insert', row: this.key('retired', 'retired') },
      { type: 'metadata.keep', row: metadataRow({ realm, no: 7 }) },
      { type: 'outbox.put', entry: outboxEntry({ id: of('entry'), realm, recipient: of('app'), userId: user }) },
      { type: 'outbox.put', entry: outboxEntry({ id: of('dead'), realm, recipient: of('app') }) },
      { type: 'outbox.claim', id: of('dead'), seenTries: 0, at: NOW, nextTryAt: NOW + 1 },
      { type: 'outbox.bury', id: of('dead'), seenTries: 1, at: NOW, cause: 'gone' },
    ];
  }

  /** Its realm, with one of each kind of document; at the version that was seen. */
  realmMade(seenVersion: number): ChangeOf<'configuration.change'> {
    const { realm } = this;
    const clients = ['app', 'tv'].map((id) => ({ realm, id, document: {} }));
    return { ...this.carried(realm, seenVersion), createRealm: settingsOf(realm), putClients: clients };
  }
  /** What a file of a realm brings. */
  carried(realm: string, seenVersion: number): ChangeOf<'configuration.change'> {
    return {
      type: 'configuration.change',
      seenVersion,
      putServices: [{ realm, type: 'pushNotification', config: { key: 'v' } }],
      putScripts: [scriptOf(realm, '1')],
      putNodes: [nodeOf(realm, 'a')],
      publishTrees: [treeOf(realm, 'Login', 'a')],
      putClients: [{ realm, id: 'app', document: { carried: true } }],
    };
  }

  /** One of each type, all of which apply to what is there. */
  changes(seenVersion: number): { readonly [T in ChangeType]: ChangeOf<T> } {
    const { realm, user, policy } = this;
    const of = (what: string) => this.of(what);
    const later = NOW + 900_000;
    return {
      'realm.usable': { type: 'realm.usable', realm },
      'journey.insert': { type: 'journey.insert', row: this.journey('nonce-1', 'another journey') },
      'journey.advance': { type: 'journey.advance', seenNonce: 'nonce-1', row: this.journey('nonce-2') },
      'session.insert': {
        type: 'session.insert',
        row: this.session({ tokenHash: of('token 3'), handle: of('handle 3') }),
        replaces: { tokenHash: of('token'), userId: user, sid: of('sid') },
      },
      'session.end': { type: 'session.end', userId: user, sid: of('sid') },
      'session.endAllOf': { type: 'session.endAllOf', userId: user },
      'session.endOthersOf': { type: 'session.endOthersOf', userId: user, tokenHash: of('token') },
      'session.usable': { type: 'session.usable', tokenHash: of('token'), now: NOW },
      'session.continues': { type: 'session.continues', userId: user, sid: of('sid'), now: NOW },
      'session.touch': { type: 'session.touch', tokenHash: of('token'), at: NOW + 90_000 },
      'session.properties': { type: 'session.properties', tokenHash: of('token'), properties: { a: 'b' } },
      'identity.attributes': { type: 'identity.attributes', id: user, seenRev: 1, attributes: { sn: ['Ng'] } },
      'identity.password': { type: 'identity.password', id: user, hash: 'new', seenCredentialRev: 1 },
      'identity.rehash': { type: 'identity.rehash', id: user, seenHash: 'old', hash: 'better' },
      'identity.revoke': { type: 'identity.revoke', id: user },
      'identity.usable': { type: 'identity.usable', id: user, credentialRev: 1 },
      'factor.held': { type: 'factor.held', kind: 'push', uuid: of('device'), userId: user },
      'identity.unchanged': { type: 'identity.unchanged', id: user, seenRev: 1 },
      'identity.active': { type: 'identity.active', id: user, active: false },
      'identity.endAccess': { type: 'identity.endAccess', id: user },
      'identity.rename': { type: 'identity.rename', id: user, username: of('renamed') },
      'identity.entryMark': { type: 'identity.entryMark', id: user, seenMark: 'first', mark: 'second' },
      'identity.insert': newUser({ id: of('another user'), realm, username: of('another'), hash: 'old' }),
      'users.insert': { type: 'users.insert', users: [this.brought('third'), this.brought('fourth')] },
      'identity.delete': { type: 'identity.delete', id: user },
      'identity.erase': { type: 'identity.erase', id: user, realm, at: NOW, journeys: [of('journey')] },
      'throttle.put': {
        type: 'throttle.put',
        row: { subject: of('counter'), hits: [NOW], lockedUntil: NOW + 9, rev: 1 },
      },
      'throttle.hit': { type: 'throttle.hit', subject: of('counter'), policy, at: NOW },
      'throttle.unlocked': { type: 'throttle.unlocked', subjects: [of('counter')], now: NOW },
      'throttle.clear': { type: 'throttle.clear', subjects: [of('counter')] },
      'throttle.takeBack': { type: 'throttle.takeBack', hits: [{ subject: of('counter'), at: NOW }] },
      'throttle.forgive': { type: 'throttle.forgive', subject: of('counter') },
      'backChannel.open': {
        type: 'backChannel.open',
        row: backChannelRow({ realm, idHash: of('channel 2'), subject: user }),
      },
      'backChannel.start': { type: 'backChannel.start', idHash: of('channel'), now: NOW },
      'backChannel.tell': { type: 'backChannel.tell', idHash: of('channel'), now: NOW, notice: '{}' },
      'backChannel.approve': { type: 'backChannel.approve', idHash: of('channel'), now: NOW },
      'backChannel.consume': {
        type: 'backChannel.consume',
        idHash: of('approval'),
        openedBy: of('journey'),
        subject: user,
        now: NOW,
      },
      'backChannel.deny': { type: 'backChannel.deny', idHash: of('channel'), now: NOW },
      'outbox.put': { type: 'outbox.put', entry: outboxEntry({ id: of('entry 2'), realm, recipient: of('app') }) },
      'outbox.claim': { type: 'outbox.claim', id: of('entry'), seenTries: 0, at: NOW, nextTryAt: NOW + 10_000 },
      'outbox.defer': { type: 'outbox.defer', id: of('entry'), seenTries: 0, nextTryAt: NOW + 10_000, cause: 'busy' },
      'outbox.bury': { type: 'outbox.bury', id: of('entry'), seenTries: 0, at: NOW, cause: 'gone' },
      'outbox.revive': { type: 'outbox.revive', id: of('dead') },
      'outbox.settle': { type: 'outbox.settle', id: of('entry') },
      'configuration.change': { ...this.carried(realm, seenVersion), putRealm: settingsOf(realm, { locale: 'de' }) },
      'audit.append': { type: 'audit.append', event: auditEvent({ realm, userId: user }) },
      'audit.erase': { type: 'audit.erase', userId: user },
      'device.insert': { type: 'device.insert', row: this.device('device 2'), maxDevices: 5 },
      'device.update': { type: 'device.update', row: { ...this.device(), deviceName: 'Old phone' } },
      'device.delete': { type: 'device.delete', uuid: of('device') },
      'device.deleteAll': { type: 'device.deleteAll', userId: user },
      'device.confirm': { type: 'device.confirm', uuid: of('pending'), journeyId: of('journey'), at: NOW },
      'device.discard': { type: 'device.discard', journeyId: of('journey') },
      'device.accessed': { type: 'device.accessed', uuid: of('device'), at: NOW + 9 },
      'oath.insert': { type: 'oath.insert', row: this.oath('oath 2'), maxDevices: 5 },
      'oath.update': { type: 'oath.update', row: { ...this.oath(), counter: 1 } },
      'oath.used': { type: 'oath.used', row: { ...this.oath(), counter: 2 } },
      'oath.delete': { type: 'oath.delete', uuid: of('oath') },
      'oath.deleteAll': { type: 'oath.deleteAll', userId: user },
      'passkey.insert': { type: 'passkey.insert', row: this.passkey('passkey 2'), maxDevices: 5 },
      'passkey.update': { type: 'passkey.update', row: { ...this.passkey(), deviceName: 'Old key' } },
      'passkey.used': {
        type: 'passkey.used',
        uuid: of('passkey'),
        signCount: 8,
        mismatch: false,
        userVerified: true,
        backedUp: false,
        at: NOW + 9,
      },
      'passkey.delete': { type: 'passkey.delete', uuid: of('passkey') },
      'passkey.deleteAll': { type: 'passkey.deleteAll', userId: user },
      'bound.insert': { type: 'bound.insert', row: this.bound('kid 2'), maxDevices: 5 },
      'bound.update': { type: 'bound.update', row: { ...this.bound(), deviceName: 'Old device' } },
      'bound.accessed': { type: 'bound.accessed', realm, uuid: of('kid'), at: NOW + 9 },
      'bound.delete': { type: 'bound.delete', realm, uuid: of('kid') },
      'bound.deleteAll': { type: 'bound.deleteAll', userId: user },
      'codes.replace': {
        type: 'codes.replace',
        userId: user,
        deviceType: 'push',
        rows: [codeRow({ ...this.owned, id: of('code 2'), selector: of('selector 2') })],
      },
      'code.use': { type: 'code.use', id: of('code') },
      'push.open': { type: 'push.open', rows: [this.message('message 2')] },
      'push.answer': { type: 'push.answer', id: of('message'), state: 'approved', at: NOW + 1, answerHash: 'h' },
      'push.badProof': { type: 'push.badProof', id: of('message'), at: NOW },
      'push.consume': { type: 'push.consume', request: of('registration'), state: 'approved', at: NOW + 2 },
      'push.close': { type: 'push.close', request: of('message'), reason: 'exit' },
      'push.closeJourney': { type: 'push.closeJourney', journeyId: of('journey'), reason: 'ended' },
      'push.closeUser': { type: 'push.closeUser', userId: user, reason: 'password' },
      'push.claim': { type: 'push.claim', ids: [of('message')], claim: { by: 'me', until: NOW + 4_000 }, now: NOW },
      'push.renewClaim': { type: 'push.renewClaim', ids: [of('message')], claim: { by: 'me', until: NOW + 9_000 } },
      'push.defer': { type: 'push.defer', id: of('message'), by: 'me', nextTryAt: NOW + 5 },
      'push.delivery': { type: 'push.delivery', marks: [{ id: of('message'), delivery: 'sent' }] },
      'grant.open': { type: 'grant.open', row: grantRow(this.grant('grant 2')) },
      'grant.redeem': { type: 'grant.redeem', id: of('code grant'), at: NOW, expiresAt: later },
      'grant.refresh': {
        type: 'grant.refresh',
        id: of('grant'),
        seenRefreshNo: 1,
        rotates: true,
        at: NOW,
        expiresAt: later,
      },
      'grant.dropAccess': { type: 'grant.dropAccess', id: of('grant'), accessNo: 1 },
      'grant.end': { type: 'grant.end', id: of('grant') },
      'grant.endOfUser': { type: 'grant.endOfUser', userId: user, clientId: 'app' },
      'parked.put': { type: 'parked.put', row: parkedRow({ realm, idHash: of('parked 2') }), now: NOW },
      'parked.spend': { type: 'parked.spend', idHash: of('parked'), now: NOW },
      'proposal.put': {
        type: 'proposal.put',
        row: proposalRow({ realm, id: of('proposal 2'), proposer: user }),
        now: NOW,
      },
      'proposal.settle': { type: 'proposal.settle', id: of('proposal'), realm, now: NOW },
      'replay.room': { type: 'replay.room', owner: of('owner'), now: NOW },
      'replay.see': { type: 'replay.see', hash: of('proof'), owner: of('owner'), expiresAt: later, now: NOW },
      'consent.save': { type: 'consent.save', row: { realm, userId: user, clientId: 'app', scopes: ['b'] } },
      'consent.drop': { type: 'consent.drop', userId: user, clientId: 'app' },
      'metadata.keep': { type: 'metadata.keep', row: metadataRow({ realm, no: 8 }) },
      'signingKey.insert': { type: 'signingKey.insert', row: { ...this.key('other', 'active'), algorithm: 'ES256' } },
      'signingKey.rotate': {
        type: 'signingKey.rotate',
        realm,
        nextKid: of('next'),
        activeKid: of('active'),
        at: NOW,
      },
      'signingKey.drop': { type: 'signingKey.drop', realm, kid: of('retired') },
      'pendingApproval.open': { type: 'pendingApproval.open', row: this.pending('pending 2'), now: NOW },
      'pendingApproval.poll': {
        type: 'pendingApproval.poll',
        idHash: of('pending'),
        seenNextPollAt: NOW,
        nextPollAt: NOW + 5_000,
        interval: 5,
      },
      'pendingApproval.decide': {
        type: 'pendingApproval.decide',
        idHash: of('pending'),
        now: NOW,
        approved: approvedBy({ userId: user, sid: of('sid') }),
      },
      'pendingApproval.take': { type: 'pendingApproval.take', idHash: of('approved'), now: NOW },
    };
  }
}
