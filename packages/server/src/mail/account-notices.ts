import { createHash } from 'node:crypto';
import type { Configuration, Identity } from '@assent/engine';
import {
  ADDRESS_ATTRIBUTES,
  type AuditEvent,
  auditChange,
  type Change,
  type Committer,
  hasUnprovenAddress,
  type IdentityDirectory,
  isProvenAddress,
  type OutboxEntry,
} from '@assent/engine/host';
import { MAIL_SERVICE } from '@assent/nodes';
import { type OutboxSender, type Sent, triedFor } from '../outbox/outbox-worker.ts';
import { readAddress } from './mail-address.ts';
import { deliverMail, failed, MAIL_MILLIS, MAIL_RECIPIENT, type MailDelivery } from './mail-delivery.ts';
import { countNotice, type NoticeLimitDependencies } from './notice-limit.ts';
import { languageOf, NOTICED_EVENTS, type NoticedEvent, noticeTexts, timeText } from './notice-texts.ts';

/** Users change their own devices as often as they like; a realm keeps ten times as many notices until they are sent. */
const MAX_OF_USER = 500;

/** The kind of notices to users about their accounts, in the outbox. */
export const ACCOUNT_NOTICE = 'notice';

const NOTICED: ReadonlySet<string> = new Set(NOTICED_EVENTS);

interface Noticed {
  readonly at: number;
  readonly realm: string;
  readonly transactionId: string;
  readonly userId: string;
  readonly events: Set<NoticedEvent>;
}

/** What users are told of an audit event. One change of a user by an administrator is one event, also of several attributes. */
const eventsOf = ({ event, detail }: AuditEvent): readonly NoticedEvent[] => {
  if (event !== 'USER_UPDATE') return NOTICED.has(event) && detail?.again !== true ? [event as NoticedEvent] : [];
  const names = String(detail?.attributes ?? '').split(',');
  return [
    ...(ADDRESS_ATTRIBUTES.some((name) => names.includes(name)) ? (['USER_ADDRESS_SET'] as const) : []),
    ...(detail?.password === true ? (['USER_PASSWORD_SET'] as const) : []),
  ];
};

/** The notices that users get of a commit, one for each user; undefined for nearly every commit. */
const noticedIn = (changes: readonly Change[]): ReadonlyMap<string, Noticed> | undefined => {
  let byUser: Map<string, Noticed> | undefined;
  for (const change of changes) {
    if (change.type !== 'audit.append') continue;
    const event = change.event as AuditEvent;
    const { at, realm, transactionId, userId } = event;
    const noticed = eventsOf(event);
    if (userId === undefined || noticed.length === 0) continue;
    byUser ??= new Map();
    const notice = byUser.get(userId) ?? { at, realm, transactionId, userId, events: new Set() };
    for (const it of noticed) notice.events.add(it);
    byUser.set(userId, notice);
  }
  return byUser;
};

interface Kept {
  readonly at: number;
  readonly transactionId: string;
  readonly events: readonly NoticedEvent[];
  /** The address where it is not the one that the user has by then. */
  readonly to?: string;
  /** Whether that one was proven. */
  readonly isProven?: boolean;
}

const read = ({ payload }: OutboxEntry): Kept => JSON.parse(payload) as Kept;

const entryOf = (
  { at, realm, transactionId, userId, events }: Noticed,
  former: Pick<Kept, 'to' | 'isProven'> = {},
): OutboxEntry => {
  const kept: Kept = { at, transactionId, events: [...events], ...former };
  const told = JSON.stringify([ACCOUNT_NOTICE, realm, userId, kept]);
  return {
    id: createHash('sha256').update(told).digest('base64url'),
    kind: ACCOUNT_NOTICE,
    realm,
    recipient: MAIL_RECIPIENT,
    userId,
    payload: JSON.stringify(kept),
    mostOfUser: MAX_OF_USER,
  };
};

/**
 * Wraps a committer, so that users are told what became of their devices, codes and keys of applications, whatever changed it (SEC-13;
 * spec: oidc §5.2): where the realm has a mail service, the commit that changes it puts the notice into the outbox (OPS-43).
 */
export const withAccountNotices = (committer: Committer, configuration: Pick<Configuration, 'service'>): Committer => ({
  commit(changes) {
    const notices = [...(noticedIn(changes)?.values() ?? [])].filter(
      ({ realm }) => configuration.service(realm, MAIL_SERVICE) !== undefined,
    );
    if (notices.length === 0) return committer.commit(changes);
    const puts = notices.map((notice): Change => ({ type: 'outbox.put', entry: entryOf(notice) }));
    return committer.commit([...changes, ...puts]);
  },
});

/**
 * Wraps a committer, so that a changed mail address is told to the former one: an attacker with the password may have changed it. A former
 * address that was changed in the same way in the last 7 days is not told: it may be one of many that a user names to have them mailed to (SEC-13). It stands before the
 * writes to directories, after which no former address can be read.
 */
export const withFormerAddressNotices = (
  committer: Committer,
  {
    configuration,
    identities,
  }: {
    readonly configuration: Pick<Configuration, 'service'>;
    readonly identities: Pick<IdentityDirectory, 'findById'>;
  },
): Committer => ({
  async commit(changes) {
    const puts: Change[] = [];
    for (const notice of noticedIn(changes)?.values() ?? []) {
      const { at, events, realm, userId } = notice;
      if (!events.has('USER_ADDRESS_SET') || configuration.service(realm, MAIL_SERVICE) === undefined) continue;
      const mail = newMailOf(changes, userId);
      const { attributes = {} } = (mail && (await identities.findById(userId))) ?? {};
      const to = attributes.mail?.[0];
      if (to === undefined || mail?.[0] === to || hasUnprovenAddress(attributes, ['mail'], at)) continue;
      puts.push({
        type: 'outbox.put',
        entry: entryOf(notice, { to, isProven: isProvenAddress(attributes, 'mail', at) }),
      });
    }
    return committer.commit(puts.length === 0 ? changes : [...changes, ...puts]);
  },
});

/** What a commit sets as the mail addresses of that user; undefined where it sets none. */
const newMailOf = (changes: readonly Change[], userId: string): readonly string[] | undefined => {
  for (const change of changes) {
    if (change.type !== 'identity.attributes' || change.id !== userId) continue;
    const { mail } = change.attributes as Readonly<Record<string, readonly string[]>>;
    if (mail !== undefined) return mail;
  }
  return undefined;
};

export interface AccountNoticesDependencies extends MailDelivery, NoticeLimitDependencies {
  readonly configuration: Pick<Configuration, 'service' | 'realm'>;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly publicUrl: string;
}

/**
 * Sends such notices, in the language of their users, to the address that they have by then. It counts them by the address; beyond the bound the
 * audit log and the account page tell of the event all the same. No text of the user stands in a mail to an address that is not proven.
 */
export const accountNoticeSender = (dependencies: AccountNoticesDependencies): OutboxSender => ({
  triedUntil: triedFor(MAIL_MILLIS),
  keepsGivenUp: true,
  async send(row): Promise<Sent> {
    const identity = await dependencies.identities.findById(row.userId ?? '');
    const kept = read(row);
    const to = kept.to ?? identity?.attributes.mail?.[0];
    // The account page tells of it all the same.
    if (identity === undefined || to === undefined) return { status: 'settled', outcome: 'no address' };
    const address = readAddress(to)?.address ?? to;
    const isProven = kept.isProven ?? isProvenAddress(identity.attributes, 'mail', dependencies.clock.now());
    const counted = await countNotice(dependencies, { realm: row.realm, address, userId: identity.id, isProven });
    if (counted === 'used up') return { status: 'settled', outcome: 'too many' };
    if (counted === 'busy') return failed('The notices to that address could not be counted.');
    const content = contentOf(dependencies, row.realm, kept, identity, isProven);
    const sent = await deliverMail(dependencies, row.realm, { ...content, to: isProven ? to : address, id: row.id });
    if (sent.status !== 'settled') await counted.takeBack();
    return sent;
  },
  audit(row, at, outcome) {
    const { transactionId, events } = read(row);
    const said = {
      outcome,
      detail: { notice: events.join(' ') },
      ...(row.userId !== undefined && { userId: row.userId }),
    };
    return auditChange({ at, realm: row.realm, transactionId }, 'MAIL', said);
  },
});

const contentOf = (
  { configuration, publicUrl }: Pick<AccountNoticesDependencies, 'configuration' | 'publicUrl'>,
  realm: string,
  { at, events }: Kept,
  { username, attributes }: Identity,
  isProven: boolean,
) => {
  const preferred = [
    attributes.preferredLocale?.[0],
    attributes.preferredlanguage?.[0],
    configuration.realm(realm)?.locale,
  ];
  const texts = noticeTexts[languageOf(preferred)];
  const values: Readonly<Record<string, string>> = { user: username, time: timeText(at) };
  // In one go and by function: a name may hold what the texts, or replacing, give a meaning to.
  const about = (isProven ? texts.about : texts.aboutUnproven).replace(
    /\{(\w+)\}/g,
    (_whole, name: string) => values[name] ?? '',
  );
  const happened = events.map((event) => texts.happened[event]).join('\n');
  const notYou = texts.notYou.replace('{url}', () => `${publicUrl}/account`);
  return { subject: texts.subject, text: `${about}\n\n${happened}\n\n${notYou}\n` };
};
