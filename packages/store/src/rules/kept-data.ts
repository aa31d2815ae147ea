import { NOTICE_RETENTION } from '@assent/oidc';
import {
  BACK_CHANNEL_RETENTION,
  FAILURES_RETENTION,
  INSTANCE_RETENTION,
  type Retention,
  STRANGER_RETENTION,
  THROTTLE_RETENTION,
  TREE_RETENTION,
} from './retention.ts';

/** A kind of data, and how long it is kept (security-reliability §7 "Retention"). */
export interface KeptData {
  /** What it is, as operators and users are told. */
  readonly what: string;
  /** Where it stands, in any database. */
  readonly tables: readonly string[];
  /** Until when it is kept, or from when on `longer` counts. */
  readonly until: string;
  /** How much longer at the most, in milliseconds; or which setting says so. */
  readonly longer?: number | keyof Retention | 'audit';
  /** The parts of the sweep that delete it, as it tells of them. */
  readonly swept?: readonly string[];
  /** What an erasure of its user leaves; absent where it is about nobody. */
  readonly erasure?: string;
}

const GONE = 'gone';

/** All that a store keeps: each table stands in one row, and so does each part of the sweep. */
export const KEPT_DATA: readonly KeptData[] = Object.freeze<KeptData[]>([
  {
    what: 'Accounts: names, attributes, passwords as hashes',
    tables: ['identity', 'identity_value'],
    until: 'they are deleted',
    erasure: GONE,
  },
  {
    what: 'Phones, code apps, passkeys and bound devices by their public keys, recovery codes as hashes',
    tables: ['device', 'oath_device', 'passkey', 'bound_device', 'recovery_code'],
    until: 'they are removed; a phone that has not proved itself, until the time for that is over',
    swept: ['device'],
    erasure: GONE,
  },
  {
    what: 'Sessions',
    tables: ['session'],
    until: 'they are signed out of, have ended by their clock, or are more than a user keeps',
    longer: 'sessions',
    swept: ['session_timeout', 'session', 'session_excess'],
    erasure: GONE,
  },
  {
    what: 'Journeys under way, sealed',
    tables: ['journey_session'],
    until: 'their time is over',
    swept: ['journey'],
    erasure: 'gone where they know the user; the others end by their clock',
  },
  {
    what: 'Requests to phones, with what became of them',
    tables: ['push_message'],
    until: 'a minute after their time',
    longer: 'requests',
    swept: ['push_message'],
    erasure: GONE,
  },
  {
    what: 'Counters against guessing',
    tables: ['throttle'],
    until: 'the last guess and the end of its lock',
    longer: THROTTLE_RETENTION,
    swept: ['throttle'],
    erasure: GONE,
  },
  {
    what: 'Wrong guesses in a row, counted by user',
    tables: [],
    until: 'the last guess',
    longer: FAILURES_RETENTION,
    erasure: GONE,
  },
  {
    what: 'Wrong guesses in a row, counted by user and network address of strangers',
    tables: [],
    until: 'the last guess',
    longer: STRANGER_RETENTION,
    erasure: GONE,
  },
  {
    what: 'How a sign-in ended that an application asked for in the back channel',
    tables: ['back_channel'],
    until: 'the time for it is over',
    longer: BACK_CHANNEL_RETENTION,
    swept: ['back_channel'],
    erasure: GONE,
  },
  {
    what: 'What applications were granted: codes and tokens as hashes',
    tables: ['oauth_grant'],
    until:
      'it ends, or is taken back; what ended with its client, until a sweep reaches it; what an application is to be told the end of, so much longer',
    longer: NOTICE_RETENTION,
    swept: ['grant'],
    erasure: GONE,
  },
  {
    what: 'Requests of applications that wait: those of devices, and those that were pushed',
    tables: ['oauth_pending', 'oauth_parked'],
    until: 'their time is over, minutes after they were made',
    swept: ['pending_approval', 'parked_request'],
    erasure: 'gone once approved; before that they end by their clock',
  },
  {
    what: 'What users have agreed to',
    tables: ['oauth_consent'],
    until: 'it is taken back; where its client is deleted, until a sweep reaches it',
    swept: ['consent'],
    erasure: GONE,
  },
  {
    what: 'Mails, webhooks and notices that wait, sealed',
    tables: ['outbox'],
    until: 'they are sent, or are given up, which takes days',
    longer: 'notices',
    swept: ['outbox'],
    erasure: 'gone; that a session has ended is told to applications',
  },
  {
    what: 'The audit trail',
    tables: ['audit', 'audit_of_user', 'audit_listed', 'audit_seal', 'audit_sealed', 'audit_sent'],
    until: 'what it tells of has happened',
    longer: 'audit',
    erasure: 'id, time and event stay; addresses, browsers and all other details go',
  },
  {
    what: 'Who was erased',
    tables: ['erasure'],
    until: 'for good, by an id that names nobody: a backup that is put back has to know it',
  },
  {
    what: 'Proofs that were seen, as digests',
    tables: ['oauth_replay'],
    until: 'the proof itself has run out',
    swept: ['replay'],
  },
  {
    what: 'By which attributes the users of a realm are found, and how far that is done',
    tables: ['user_index', 'user_index_name'],
    until: 'the realm is gone',
    swept: ['user_index'],
  },
  {
    what: 'Realms, journeys, services, scripts and applications',
    tables: [
      'realm',
      'leaving_realm',
      'tree',
      'tree_unsealed',
      'node',
      'service',
      'script',
      'oauth_client',
      'oauth_key',
      'configuration_version',
      'configuration_change',
    ],
    until: 'somebody deletes them; an older version of a journey, until nobody can be on it',
    longer: TREE_RETENTION,
    swept: ['configuration', 'realm'],
  },
  {
    what: 'What the FIDO Alliance says of authenticators, as a realm goes by it',
    tables: ['authenticator_metadata'],
    until: 'the next edition of it takes its place, or the realm is gone',
  },
  {
    what: 'Changes that wait for a second administrator, sealed',
    tables: ['proposal'],
    until: 'they are approved or rejected, or have expired after seven days',
    swept: ['proposal'],
    erasure: GONE,
  },
  {
    what: 'Keys and secrets of the installation, sealed',
    tables: ['data_key', 'secret'],
    until: 'somebody destroys them',
  },
  {
    what: 'Which processes share the database, and who does what for all',
    tables: ['instance', 'lease'],
    until: 'they leave, or were heard of last',
    longer: INSTANCE_RETENTION,
    swept: ['instance'],
  },
  {
    what: 'How far the schema is',
    tables: ['schema_migration', 'schema_floor', 'schema_index'],
    until: 'for good',
  },
]);
