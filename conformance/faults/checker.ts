import { createHash } from 'node:crypto';
import { addressOf, type Stored, type Told } from './history.ts';

/**
 * What is wrong with what was told, beside what is stored (OPS-79):
 *
 * - `lost`: told, and not stored (I2, REL-02);
 * - `doubled`: accepted twice, or written into the trail not exactly once (I2, I6);
 * - `revived`: denied, ended or used up, and good again (I8);
 * - `stuck`: led nowhere without a reason (I3).
 */
export interface Finding {
  readonly kind: 'lost' | 'doubled' | 'revived' | 'stuck';
  readonly text: string;
}

type Of<K extends Told['kind']> = Extract<Told, { readonly kind: K }>;

/** As the server stores a token. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');

/**
 * Whether something that was told is stored: where a database has lost its last moments, all of one commit is there or nothing of it
 * (F21, OPS-35). What is there is held against the rest as ever: a session with the code that was used for it.
 */
export const isThere =
  (stored: Stored) =>
  (told: Told): boolean => {
    switch (told.kind) {
      case 'signed in':
        return stored.sessions.has(hashOf(told.token));
      case 'ended':
        return !stored.sessions.has(hashOf(told.token));
      case 'answered':
        return told.decision === 'denied'
          ? stored.trail.has(`${told.login} PUSH_DENIED`)
          : /^(?:approved|consumed)$/.test(stored.messages.get(told.message)?.state ?? '');
      case 'connected':
        return stored.devices.some(({ phone }) => phone === told.phone);
      case 'tokens':
        // They are signed, and good for who has them; that their code was spent may be lost.
        return false;
      case 'code sent':
      case 'stuck':
        return true;
    }
  };

/** Those who have something in common, where there are several of them. */
const several = <T>(told: readonly T[], key: (it: T) => string | undefined): readonly (readonly T[])[] => {
  const groups = new Map<string, T[]>();
  for (const it of told) {
    const name = key(it);
    if (name === undefined) continue;
    groups.set(name, [...(groups.get(name) ?? []), it]);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
};

const byUser = <T extends { readonly user: string }>(all: readonly T[]): ReadonlyMap<string, readonly T[]> => {
  const found = new Map<string, T[]>();
  for (const it of all) {
    const of = found.get(it.user);
    if (of === undefined) found.set(it.user, [it]);
    else of.push(it);
  }
  return found;
};

const CODES = 10;

/** Compares what was told with what is stored. It knows no rule of the server but the invariants. */
export const findings = (history: readonly Told[], stored: Stored): readonly Finding[] => {
  const found: Finding[] = [];
  const find = (kind: Finding['kind'], text: string) => found.push({ kind, text });
  const told = <K extends Told['kind']>(kind: K): readonly Of<K>[] =>
    history.filter((it): it is Of<K> => it.kind === kind);

  const [signedIn, answered, connected] = [told('signed in'), told('answered'), told('connected')];
  const ended = new Set(told('ended').map(({ token }) => token));

  for (const { user, token, login } of signedIn) {
    const owner = stored.sessions.get(hashOf(token));
    if (ended.has(token)) {
      if (owner !== undefined) find('revived', `${user} ended a session, and it is there (${login})`);
    } else if (owner === undefined) find('lost', `${user} was signed in, and the session is not there (${login})`);
    else if (owner !== user) find('doubled', `the session of ${user} is one of ${owner} (${login})`);
    const created = stored.trail.get(`${login} SESSION_CREATE`) ?? 0;
    if (created === 0) find('lost', `${user} was signed in, and the trail does not say so (${login})`);
    if (created > 1) find('doubled', `one login of ${user} made ${created} sessions (${login})`);
  }
  for (const [{ user, message } = { user: '' }] of several(signedIn, ({ message }) => message))
    find('doubled', `${user} was signed in twice by message ${message}`);
  for (const [{ user } = { user: '' }] of several(signedIn, ({ code, user }) => code && `${user} ${code}`))
    find('doubled', `${user} was signed in twice by one recovery code`);
  for (const [{ user } = { user: '' }] of several(signedIn, ({ token }) => token))
    find('doubled', `${user} was given a session that was given before`);

  for (const [{ user } = { user: '' }] of several(told('tokens'), ({ grant }) => grant))
    find('doubled', `an application of ${user} was given tokens twice for one code`);

  const denied = new Map(answered.filter((it) => it.decision === 'denied').map((it) => [it.message, it]));
  for (const { user, message, login } of signedIn) {
    if (message !== undefined && denied.has(message))
      find('revived', `${user} denied ${message}, and was signed in by it (${login})`);
  }
  for (const { user, message, decision, login } of answered) {
    const row = stored.messages.get(message);
    // A message that nobody can need any more is swept.
    if (row?.state === 'pending')
      find('lost', `${user}: ${message} was ${decision}, and waits for an answer (${login})`);
    const isApproved = row?.state === 'approved' || (row?.state === 'consumed' && row.reason === null);
    if (decision === 'denied' && isApproved)
      find('revived', `${user} denied ${message}, and it is ${row.state} (${login})`);
    if (decision === 'denied') {
      const times = stored.trail.get(`${login} PUSH_DENIED`) ?? 0;
      if (times !== 1)
        find(times === 0 ? 'lost' : 'doubled', `${user} denied once, and the trail says ${times} times (${login})`);
    }
  }

  for (const [{ user } = { user: '' }] of several(connected, ({ registration }) => registration))
    find('doubled', `a setup code of ${user} has connected two phones`);
  for (const [{ user, phone } = { user: '', phone: '' }] of several(stored.devices, ({ phone }) => phone))
    find('doubled', `${user} has phone ${phone} twice`);
  const phones = new Set(stored.devices.map(({ phone }) => phone));
  for (const { user, phone, codes } of connected) {
    if (!phones.has(phone)) find('lost', `${user} has connected a phone, and has none`);
    if (codes !== CODES) find('lost', `${user} has connected a phone, and was shown ${codes} codes`);
  }
  // Whoever has connected a phone is told so by mail, whatever became of the server after that commit (OPS-43).
  for (const { user, login } of connected) {
    const left = stored.trail.get(`${login} MAIL`) ?? 0;
    if (!stored.mails.has(addressOf(user))) find('lost', `${user} has connected a phone, and no mail says so`);
    else if (left === 0) find('lost', `${user} was mailed of a phone, and the trail does not say so (${login})`);
    if (left > 1) find('doubled', `${user} has connected a phone, and ${left} mails say so (${login})`);
  }
  const [devicesOf, signedInOf, sentBy] = [byUser(stored.devices), byUser(signedIn), byUser(told('code sent'))];
  for (const [user, { length: may }] of byUser(connected)) {
    const has = devicesOf.get(user)?.length ?? 0;
    if (has > may) find('doubled', `${user} has connected ${may} phones, and has ${has}`);
    // A code counts as used once its use was told, and may be used once it was sent.
    const used = new Set(signedInOf.get(user)?.flatMap(({ code }) => code ?? []));
    const sent = new Set(sentBy.get(user)?.map(({ code }) => code));
    const left = stored.codes.get(user) ?? 0;
    if (left > CODES - used.size) find('revived', `${user} has used ${used.size} codes, and ${left} are left`);
    if (left < CODES - sent.size) find('lost', `${user} has sent ${sent.size} codes, and ${left} are left`);
  }

  for (const { user, where, login } of told('stuck')) find('stuck', `${user}: ${where} (${login})`);
  return found;
};
