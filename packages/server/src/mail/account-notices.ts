import { createHash } from 'node:crypto';
import { type Configuration, foldUsername, type Identity } from '@assent/engine';
import {
  ADDRESS_ATTRIBUTES,
  type AuditEvent,
  auditChange,
  type Change,
  type Committer,
  changedAddresses,
  formerMail,
  type IdentityDirectory,
  isProvenAddress,
  mailBeforeChange,
  mergedAttributes,
  type NoticeAddress,
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
  /** Absent where the user had no address then, or the directory that has it could not be read. */
  readonly to?: string;
  /** Whether that one was proven. */
  readonly isProven?: boolean;
}

const read = ({ payload }: OutboxEntry): Kept => JSON.parse(payload) as Kept;

const entryOf = (
  { at, realm, transactionId, userId, events }: Noticed,
  recipient: NoticeAddress | undefined,
): OutboxEntry => {
  const to = recipient && { to: recipient.address, isProven: recipient.isProven };
  const kept: Kept = { at, transactionId, events: [...events], ...to };
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

type Attributes = Identity['attributes'];

/** What a commit sets of that user; the whole of a user whom it makes. */
const changedIn = (changes: readonly Change[], userId: string): Attributes => {
  let attributes: Attributes = {};
  for (const change of changes) {
    if (change.type !== 'identity.attributes' && change.type !== 'identity.insert') continue;
    if (change.id === userId) attributes = { ...attributes, ...(change.attributes as Attributes) };
  }
  return attributes;
};

/** One address written in several ways is one. */
const bareAddress = (text: string): string => foldUsername(readAddress(text)?.address ?? text);

/**
 * Who is told of a commit, by what the user has before it and what it sets. An attacker with the password may have changed the address in this
 * commit or in one before it: the former addresses come first.
 */
const recipientsOf = (before: Attributes, set: Attributes, at: number): readonly NoticeAddress[] => {
  const after = mergedAttributes(before, set);
  const [address] = after.mail ?? [];
  const isChanged = changedAddresses(before, set).includes('mail');
  const all = [
    ...(isChanged ? mailBeforeChange(before, at) : []),
    ...formerMail(after, at),
    ...(address === undefined ? [] : [{ address, isProven: isProvenAddress(after, 'mail', at) }]),
  ];
  const byAddress = new Map<string, NoticeAddress>();
  for (const it of all) if (!byAddress.has(bareAddress(it.address))) byAddress.set(bareAddress(it.address), it);
  return [...byAddress.values()];
};

/** Where the notices of a commit read the service and the user. */
export interface NoticedAccounts {
  readonly configuration: Pick<Configuration, 'service'>;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
}

/**
 * Wraps a committer, so that users are told what became of their devices, codes, addresses and keys of applications by any change (SEC-13;
 * spec: oidc §5.2): where the realm has a mail service, the commit that changes it puts the notice into the outbox (OPS-43). The commit also
 * decides to which addresses the notice goes, so that a later change of the address does not redirect it. It stands before the writes to
 * directories, after which no former address can be read.
 */
export const withAccountNotices = (committer: Committer, { configuration, identities }: NoticedAccounts): Committer => {
  /** A lock is committed also while the directory of the user cannot be read. A change of the address waits for the directory. */
  const attributesBefore = async (userId: string, set: Attributes): Promise<Attributes> => {
    try {
      return (await identities.findById(userId))?.attributes ?? {};
    } catch (error) {
      if (set.mail !== undefined) throw error;
      return {};
    }
  };
  return {
    async commit(changes) {
      const puts: Change[] = [];
      for (const notice of noticedIn(changes)?.values() ?? []) {
        const { at, realm, userId } = notice;
        if (configuration.service(realm, MAIL_SERVICE) === undefined) continue;
        const set = changedIn(changes, userId);
        const recipients = recipientsOf(await attributesBefore(userId, set), set, at);
        for (const recipient of recipients.length === 0 ? [undefined] : recipients) {
          puts.push({ type: 'outbox.put', entry: entryOf(notice, recipient) });
        }
      }
      return committer.commit(puts.length === 0 ? changes : [...changes, ...puts]);
    },
  };
};

export interface AccountNoticesDependencies extends MailDelivery, NoticeLimitDependencies {
  readonly configuration: Pick<Configuration, 'service' | 'realm'>;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly publicUrl: string;
}

/** The address of a notice whose commit could not say it: the former one where a change proves nothing yet. */
const addressNow = ({ attributes }: Pick<Identity, 'attributes'>, now: number): NoticeAddress | undefined => {
  const [former] = formerMail(attributes, now);
  const [address] = attributes.mail ?? [];
  if (former !== undefined || address === undefined) return former;
  return { address, isProven: isProvenAddress(attributes, 'mail', now) };
};

/**
 * Sends such notices, in the language of their users, to the address that the commit has said. It counts them by the address; beyond the bound the
 * audit log and the account page tell of the event all the same. No text of the user stands in a mail to an address that is not proven.
 */
export const accountNoticeSender = (dependencies: AccountNoticesDependencies): OutboxSender => ({
  triedUntil: triedFor(MAIL_MILLIS),
  keepsGivenUp: true,
  async send(row): Promise<Sent> {
    const identity = await dependencies.identities.findById(row.userId ?? '');
    const kept = read(row);
    const recipient =
      kept.to === undefined
        ? identity && addressNow(identity, dependencies.clock.now())
        : { address: kept.to, isProven: kept.isProven === true };
    // The account page tells of it all the same.
    if (identity === undefined || recipient === undefined) return { status: 'settled', outcome: 'no address' };
    const { address: to, isProven } = recipient;
    const address = readAddress(to)?.address ?? to;
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
