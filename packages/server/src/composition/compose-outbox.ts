import { WEBHOOK } from '@assent/engine/host';
import type { RealmMailer } from '@assent/nodes';
import { LOGOUT_NOTICE, LOGOUT_NOTICE_MILLIS, logoutNoticeAudit, sendLogoutNotice } from '@assent/oidc';
import { retryAfterOf, WITHDRAWAL, type WithdrawalDependencies } from '@assent/push';
import { ACCOUNT_NOTICE, accountNoticeSender } from '../mail/account-notices.ts';
import { TEMPLATE_MAIL, templateMailSender } from '../mail/realm-mail.ts';
import { SECURITY_ALERT, securityAlertSender } from '../mail/security-alerts.ts';
import { type OutboxSender, OutboxWorker, triedFor } from '../outbox/outbox-worker.ts';
import { webhookSender } from '../outbox/webhook-sender.ts';
import { withdrawalSender } from '../outbox/withdrawal-sender.ts';
import type { Foundation } from './compose-foundation.ts';
import type { ComposedProvider } from './compose-provider.ts';
import type { Telemetry } from './compose-telemetry.ts';

export interface OutboxParts {
  readonly mailer: RealmMailer;
  readonly push: WithdrawalDependencies;
  readonly telemetry: Pick<Telemetry, 'sender' | 'apart'>;
}

/** Who sends what commits leave in the outbox, awake as soon as they do. */
export const composeOutbox = (
  foundation: Foundation,
  { ports, keys }: ComposedProvider,
  { mailer, push, telemetry }: OutboxParts,
): OutboxWorker => {
  const { identities, store, committer, clock, random, log, configuration, requests, settings } = foundation;
  const { publicUrl } = settings;
  const context = { ports, keys, realm: (path: string) => configuration.realm(path) };
  const logout: OutboxSender = {
    triedUntil: triedFor(LOGOUT_NOTICE_MILLIS),
    keepsGivenUp: true,
    async send(row) {
      const { isSettled, outcome, retryAfter } = await sendLogoutNotice(context, row);
      if (isSettled) return { status: 'settled', outcome };
      return { status: 'failed', cause: outcome, retryAfterMillis: retryAfterOf(retryAfter, clock.now()) };
    },
    audit: logoutNoticeAudit,
  };
  const limits = { throttles: store.throttles, committer, clock };
  const senders = new Map<string, OutboxSender>([
    [LOGOUT_NOTICE, logout],
    [TEMPLATE_MAIL, templateMailSender({ configuration, mailer })],
    [WEBHOOK, webhookSender({ configuration, requests, clock })],
    [WITHDRAWAL, withdrawalSender(push)],
    [SECURITY_ALERT, securityAlertSender({ configuration, mailer })],
    [ACCOUNT_NOTICE, accountNoticeSender({ ...limits, configuration, identities, mailer, publicUrl })],
  ]);
  /** What is to be sent for a realm that is switched off waits until the realm is on again, and is given up as usual (SEC-89). */
  const whileRealmIsOn = (sender: OutboxSender): OutboxSender => ({
    ...sender,
    send: async (row) =>
      configuration.realm(row.realm) === undefined
        ? { status: 'failed', cause: 'The realm is switched off.' }
        : sender.send(row),
  });
  const observed = new Map(
    [...senders].map(([kind, sender]) => [kind, telemetry.sender(whileRealmIsOn(sender), kind)]),
  );
  const worker = new OutboxWorker({ outbox: store.outbox, committer, clock, random, log, senders: observed });
  store.watchOutbox((entries, became) => {
    if (became === 'waiting') {
      void telemetry.apart(() => worker.wake());
      return;
    }
    // One line for each recipient: the end of thousands of sessions may lose as many entries.
    const lost = new Map<string, { kind: string; realm: string; recipient: string; entries: number }>();
    for (const { kind, realm, recipient } of entries) {
      const key = JSON.stringify([kind, realm, recipient]);
      lost.set(key, { kind, realm, recipient, entries: (lost.get(key)?.entries ?? 0) + 1 });
    }
    for (const fields of lost.values()) {
      log.error(fields, 'The outbox has no place left for a recipient: entries are lost.');
    }
  });
  return worker;
};
