import type {
  AuditEvent,
  Changes,
  CodeRow,
  Counter,
  Device,
  FloorStore,
  Journey,
  Message,
  Session,
  User,
} from './store.ts';

const AUDIT_KEPT = 10_000;

/** Rows are changed where they stand. */
type Row<T> = { -readonly [K in keyof T]: T[K] };

/** In maps. Who reads and commits does so without a pause in between, so that a condition that was read still holds. */
export const floorMemory = (): FloorStore => {
  const users = new Map<string, User>();
  const usersById = new Map<string, User>();
  const devices = new Map<string, { readonly device: Device; lastAccessAt: number }>();
  const mechanisms = new Map<string, Device[]>();
  const counters = new Map<string, Row<Counter>>();
  const journeys = new Map<string, Row<Journey>>();
  const messages = new Map<string, Row<Message>>();
  /** What rings or was answered and not consumed, by user. */
  const open = new Map<string, Set<string>>();
  const siblings = new Map<string, string[]>();
  const sessions = new Map<string, Session>();
  const sessionsOfUser = new Map<string, Set<string>>();
  const flags = new Map<string, string>();
  const codes = new Map<string, readonly CodeRow[]>();
  const audit: AuditEvent[] = [];

  const close = (message: Row<Message>, state: 'consumed' | 'closed'): void => {
    message.state = state;
    message.jwt = '';
    open.get(message.userId)?.delete(message.id);
  };
  const request = (id: string): readonly Message[] =>
    (siblings.get(id) ?? [id]).flatMap((it) => messages.get(it) ?? []);

  const putUser = (user: User): void => {
    users.set(user.username, user);
    usersById.set(user.id, user);
  };
  const putDevice = (device: Device): void => {
    devices.set(device.uuid, { device, lastAccessAt: 0 });
    mechanisms.set(device.mechanismUid, [...(mechanisms.get(device.mechanismUid) ?? []), device]);
  };

  const changes: Changes = {
    isUnlocked: (subject, now) => (counters.get(subject)?.lockedUntil ?? 0) <= now,
    putCounter(counter) {
      if ((counters.get(counter.subject)?.rev ?? 0) !== counter.rev) return false;
      const { subject, hits, lockedUntil, rev } = counter;
      counters.set(subject, { subject, hits, lockedUntil, rev: rev + 1 });
      return true;
    },
    clearCounters(subjects) {
      for (const subject of subjects) {
        const counter = counters.get(subject);
        if (counter === undefined) continue;
        counter.hits = [];
        counter.lockedUntil = 0;
        counter.rev += 1;
      }
      return true;
    },
    insertJourney(journey) {
      if (journeys.has(journey.id)) return false;
      journeys.set(journey.id, journey);
      return true;
    },
    advanceJourney(journey, seenNonce) {
      const before = journeys.get(journey.id);
      if (before?.state === undefined || before.nonce !== seenNonce) return false;
      journeys.set(journey.id, journey);
      return true;
    },
    endJourney(id, seenNonce) {
      const journey = journeys.get(id);
      if (journey?.state === undefined || journey.nonce !== seenNonce) return false;
      journey.state = undefined;
      journey.lastNonce = '';
      journey.lastDigest = '';
      return true;
    },
    openMessages(rows, withdrawn) {
      const [first] = rows;
      if (first === undefined) return false;
      const ids = open.get(first.userId) ?? new Set();
      open.set(first.userId, ids);
      for (const id of ids) {
        const message = messages.get(id);
        if (message?.state !== 'pending' || message.secret !== undefined) continue;
        close(message, 'closed');
        withdrawn.push(message);
      }
      for (const row of rows) {
        messages.set(row.id, row);
        if (row.state === 'pending') ids.add(row.id);
      }
      if (rows.length > 1)
        siblings.set(
          first.request,
          rows.map(({ id }) => id),
        );
      return true;
    },
    openRegistration(message) {
      messages.set(message.id, message);
      return true;
    },
    answer(id, state, at, answerHash, claims) {
      const message = messages.get(id);
      if (message?.state !== 'pending') return false;
      message.state = state;
      message.answerHash = answerHash;
      message.answeredAt = at;
      message.claims = claims;
      return true;
    },
    countBadProof(id) {
      const message = messages.get(id);
      if (message?.state !== 'pending') return false;
      message.attempts += 1;
      if (message.attempts >= 5) close(message, 'closed');
      return true;
    },
    consume(seen) {
      for (const { id } of seen) {
        const message = messages.get(id);
        if (message !== undefined) close(message, message.state === 'pending' ? 'closed' : 'consumed');
      }
      return true;
    },
    addDevice(device, _, most) {
      const user = usersById.get(device.userId);
      if (user === undefined || user.devices.length >= most) return false;
      putUser({ ...user, devices: [...user.devices, device] });
      putDevice(device);
      return true;
    },
    setFlag(userId, seenRev, name, value) {
      const user = usersById.get(userId);
      if (user?.rev !== seenRev) return false;
      putUser({ ...user, rev: seenRev + 1 });
      flags.set(`${userId} ${name}`, value);
      return true;
    },
    replaceCodes(userId, rows) {
      codes.set(userId, rows);
      return true;
    },
    touchDevice(uuid, at) {
      const row = devices.get(uuid);
      if (row !== undefined) row.lastAccessAt = at;
      return true;
    },
    isUsable: (userId, credentialRev) => usersById.get(userId)?.credentialRev === credentialRev,
    insertSession(session) {
      const key = session.tokenHash.toString('latin1');
      sessions.set(key, session);
      const ofUser = sessionsOfUser.get(session.userId);
      if (ofUser === undefined) sessionsOfUser.set(session.userId, new Set([key]));
      else ofUser.add(key);
      return true;
    },
    audit(event) {
      audit.push(event);
      if (audit.length > 1.25 * AUDIT_KEPT) audit.splice(0, audit.length - AUDIT_KEPT);
      return true;
    },
  };

  return {
    addUsers(added) {
      for (const user of added) {
        putUser(user);
        for (const device of user.devices) putDevice(device);
      }
    },
    user: (username) => users.get(username),
    counters: (subjects) => subjects.map((it) => counters.get(it) ?? { subject: it, hits: [], lockedUntil: 0, rev: 0 }),
    journey: (id) => journeys.get(id),
    message: (id) => messages.get(id),
    device: (uuid) => devices.get(uuid)?.device,
    devicesByMechanism: (mechanismUid) => mechanisms.get(mechanismUid) ?? [],
    request,
    ringing: ({ uuid, userId }) =>
      [...(open.get(userId) ?? [])]
        .flatMap((id) => messages.get(id) ?? [])
        .filter(({ deviceUuid, state }) => deviceUuid === uuid && state === 'pending'),
    commit: (work, done) => done(work(changes)),
  };
};
