import type { Configuration, Identity } from '@assent/engine';
import type { AuditEvent, Change, CommitResult, Committer, IdentityDirectory } from '@assent/engine/host';
import { MAIL_SERVICE, type Mailer, readMailService, realmMailServer } from '@assent/nodes';
import type { Logger } from '../platform/log.ts';
import { NOTICE_LANGUAGES, NOTICED_EVENTS, type NoticedEvent, noticeTexts } from './notice-texts.ts';

export interface AccountNoticesDependencies {
  readonly configuration: Pick<Configuration, 'service' | 'realm'>;
  readonly identities: Pick<IdentityDirectory, 'findById'>;
  readonly mailer: Mailer;
  readonly log: Logger;
  readonly publicUrl: string;
}

const NOTICED: ReadonlySet<string> = new Set(NOTICED_EVENTS);

interface Noticed {
  readonly at: number;
  readonly realm: string;
  readonly transactionId: string;
  readonly userId: string;
  readonly events: Set<NoticedEvent>;
}

/** The notices that users get of a commit, one for each user; undefined for nearly every commit. */
const noticedIn = (changes: readonly Change[]): ReadonlyMap<string, Noticed> | undefined => {
  let byUser: Map<string, Noticed> | undefined;
  for (const change of changes) {
    if (change.type !== 'audit.append') continue;
    const { at, event, realm, transactionId, userId } = change.event as AuditEvent;
    if (userId === undefined || !NOTICED.has(event)) continue;
    byUser ??= new Map();
    const notice = byUser.get(userId) ?? { at, realm, transactionId, userId, events: new Set() };
    notice.events.add(event as NoticedEvent);
    byUser.set(userId, notice);
  }
  return byUser;
};

/**
 * Mails users what became of their devices, codes and keys of applications, whatever changed it (SEC-13; spec: oidc §5.2): where
 * the realm has a mail service and the user an address. It is sent once the commit stands, and nobody waits for it.
 */
export class AccountNotices {
  readonly #with: AccountNoticesDependencies;
  readonly #underWay = new Set<Promise<void>>();

  constructor(dependencies: AccountNoticesDependencies) {
    this.#with = dependencies;
  }

  /** Wraps a committer, so that users are told of what it commits about their accounts. */
  over(committer: Committer): Committer {
    return {
      commit: (changes) => {
        const notices = noticedIn(changes);
        return notices === undefined ? committer.commit(changes) : this.#commit(committer, changes, notices);
      },
    };
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  async #commit(
    committer: Committer,
    changes: readonly Change[],
    notices: ReadonlyMap<string, Noticed>,
  ): Promise<CommitResult> {
    const result = await committer.commit(changes);
    if (result.committed) for (const notice of notices.values()) this.#begin(notice);
    return result;
  }

  #begin(notice: Noticed): void {
    const sending = this.#send(notice).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #send(notice: Noticed): Promise<void> {
    const { configuration, identities, mailer, log } = this.#with;
    const fields = { realm: notice.realm, transactionId: notice.transactionId };
    try {
      const service = configuration.service(notice.realm, MAIL_SERVICE);
      if (service === undefined) return;
      const identity = await identities.findById(notice.userId);
      const to = identity?.attributes.mail?.[0];
      if (identity === undefined || to === undefined) return;
      const read = readMailService(service.config);
      if ('problem' in read) {
        log.error({ ...fields, cause: read.problem }, 'A notice could not be mailed.');
        return;
      }
      const server = realmMailServer(read.service);
      const result = await mailer.send({ server, from: read.service.from, to, ...this.#contentOf(notice, identity) });
      if (result.status === 'refused') log.error({ ...fields, cause: result.cause }, 'A notice could not be mailed.');
    } catch (error) {
      log.error({ ...fields, err: error }, 'A notice could not be mailed.');
    }
  }

  #contentOf({ at, realm, events }: Noticed, { username, attributes }: Identity) {
    const { configuration, publicUrl } = this.#with;
    const preferred = [
      attributes.preferredLocale?.[0],
      attributes.preferredlanguage?.[0],
      configuration.realm(realm)?.locale,
    ];
    const language =
      preferred.flatMap((tag) => NOTICE_LANGUAGES.find((it) => it === tag?.slice(0, 2)) ?? [])[0] ?? 'en';
    const texts = noticeTexts[language];
    const time = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const values: Readonly<Record<string, string>> = { user: username, time };
    // In one go and by function: a name may hold what the texts, or replacing, give a meaning to.
    const about = texts.about.replace(/\{(\w+)\}/g, (_whole, name: string) => values[name] ?? '');
    const happened = [...events].map((event) => texts.happened[event]).join('\n');
    const notYou = texts.notYou.replace('{url}', () => `${publicUrl}/account`);
    return { subject: texts.subject, text: `${about}\n\n${happened}\n\n${notYou}\n` };
  }
}
