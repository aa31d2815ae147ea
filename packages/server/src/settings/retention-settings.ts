import type { Retention } from '@assent/store';
import { setting } from './setting.ts';
import { wholeNumber } from './setting-values.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** For how long what is over is kept of people; how long the audit trail is stands with its settings. */
export const RETENTION_SETTINGS = {
  keepSessionsHours: setting({
    flag: '--keep-sessions-hours',
    env: 'ASSENT_KEEP_SESSIONS_HOURS',
    isShared: true,
    schema: wholeNumber(1, 168).default(24),
    allowed: 'a whole number from 1 to 168',
    description: 'For how many hours a session is kept that ended by its clock, so that it can still be looked at.',
  }),
  keepRequestsMinutes: setting({
    flag: '--keep-requests-minutes',
    env: 'ASSENT_KEEP_REQUESTS_MINUTES',
    isShared: true,
    // Whoever calls a help desk because no push came does so within the hour: so long a request tells all of its way (OPS-50).
    schema: wholeNumber(2, 1_440).default(60),
    allowed: 'a whole number from 2 to 1440',
    description:
      'For how many minutes a request to a phone is kept after its time, with what became of it, for `assent doctor` and help desks.',
  }),
  keepNoticesDays: setting({
    flag: '--keep-notices-days',
    env: 'ASSENT_KEEP_NOTICES_DAYS',
    isShared: true,
    schema: wholeNumber(1, 365).default(30),
    allowed: 'a whole number from 1 to 365',
    description:
      'For how many days a mail or notice is kept that could not be sent and was given up, for somebody to mend the cause and send it again.',
  }),
} as const;

/** How long the store keeps what is over, by the settings of a server. */
export const retentionOf = (settings: Readonly<Record<keyof typeof RETENTION_SETTINGS, number>>): Retention => ({
  sessions: settings.keepSessionsHours * HOUR,
  requests: settings.keepRequestsMinutes * MINUTE,
  notices: settings.keepNoticesDays * DAY,
});
