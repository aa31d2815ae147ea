import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { CliIo } from '../command/cli-io.ts';
import { checkAdministration, checkAdministrators, checkDemo } from './administration-check.ts';
import { checkAuditSink } from './audit-sink-check.ts';
import { checkAuditTrail } from './audit-trail-check.ts';
import { checkAuthenticatorTrust } from './authenticator-trust-check.ts';
import { type Examined, type Finding, ok, warning } from './check.ts';
import { checkClients } from './client-checks.ts';
import {
  checkInstances,
  checkPooler,
  checkRights,
  checkSchema,
  checkTimeouts,
  type KnownDatabase,
} from './database-checks.ts';
import { checkKeys } from './keys-check.ts';
import { checkClock, checkDataDir, checkMasterKey, checkNode, checkPort, databaseSize } from './machine-checks.ts';
import { checkOutbox } from './outbox-check.ts';
import { checkPasskeyAddress, checkRelyingParties } from './passkey-checks.ts';
import { checkPhonePage } from './phone-page-check.ts';
import { checkProviders } from './provider-checks.ts';
import { checkPublicUrl } from './public-url-check.ts';
import {
  checkDatabaseClock,
  checkDescriptors,
  checkDirectories,
  checkHintBus,
  checkMail,
  limitsOfThisProcess,
} from './reach-checks.ts';
import { checkRealms } from './realm-checks.ts';
import { checkSecurityTxt } from './security-txt-check.ts';
import { checkPasswordLength, checkSignInClasses, checkStartable } from './sign-in-checks.ts';

type Looked = readonly Finding[] | Promise<readonly Finding[]>;

/** One hop between a user and a sign-in, how it is looked at, and what is to be changed where it is broken. */
export type Check = {
  /** What its findings are called. */
  readonly name: string;
  readonly looksAt: string;
  /** The setting to change, or what else is to be done. */
  readonly mend: string;
} & (
  | { readonly of: 'machine'; look(io: CliIo): Looked }
  | { readonly of: 'settings'; look(examined: Examined): Looked }
  /** Once the database has answered, and before anything in it is read. */
  | { readonly of: 'database'; look(examined: Examined, known: KnownDatabase): Looked }
  | { readonly of: 'store'; look(examined: Examined, store: Store): Looked }
  | { readonly of: 'surroundings'; look(examined: Examined): Looked }
);

const isOnDisk = ({ databaseUrl }: Settings): boolean => databaseUrl === undefined;

/** All that `assent doctor` looks at, in its order; the reference is made of it (OPS-51). */
export const CHECKS: readonly Check[] = [
  {
    name: 'node',
    looksAt: 'the version of Node',
    mend: 'Node',
    of: 'machine',
    look: ({ nodeVersion }) => [checkNode(nodeVersion)],
  },
  {
    name: 'settings',
    looksAt: 'whether each setting can be read, and allows nothing that it should not',
    mend: 'the setting that it names, `--insecure`',
    of: 'settings',
    look: ({ settings }) => [
      ok('settings', `The public URL is ${settings.publicUrl}.`),
      ...(settings.insecure ? [warning('settings', 'insecure is on: passwords may travel in the clear.')] : []),
    ],
  },
  {
    name: 'phone in the browser',
    looksAt: 'whether browsers give the phone page keys and notifications',
    mend: '`--public-url`, to one of https',
    of: 'settings',
    look: ({ settings }) => [checkPhonePage(settings.publicUrl)],
  },
  {
    name: 'passkeys',
    looksAt: 'whether browsers use passkeys at the public URL',
    mend: '`--public-url`, to one of https',
    of: 'settings',
    look: ({ settings }) => [checkPasskeyAddress(settings.publicUrl)],
  },
  {
    name: 'security.txt',
    looksAt: 'whether it names a contact, and has not expired',
    mend: '`--security-txt`, the date in it',
    of: 'settings',
    look: (examined) => checkSecurityTxt(examined),
  },
  {
    name: 'administration',
    looksAt: 'whether a stolen password of an administrator would be enough',
    mend: '`ASSENT_ADMIN_SECOND_FACTOR`',
    of: 'settings',
    look: ({ server, settings }) => [checkAdministration(server, settings)],
  },
  {
    name: 'data directory',
    looksAt: 'whether it can be written to, and how much room there is',
    mend: '`--data-dir`, its owner, the disk',
    of: 'settings',
    look: ({ settings }) => (isOnDisk(settings) ? [checkDataDir(settings.dataDir)] : []),
  },
  {
    name: 'master key',
    looksAt: 'whether others can read its file',
    mend: 'the mode of the file',
    of: 'settings',
    look: ({ settings }) => (isOnDisk(settings) ? checkMasterKey(settings.dataDir) : []),
  },
  {
    name: 'clock',
    looksAt: 'whether it stands before the last write to the database',
    mend: 'the clock, NTP',
    of: 'settings',
    look: ({ settings, io }) => (isOnDisk(settings) ? [checkClock(settings.dataDir, io.now())] : []),
  },
  {
    name: 'rights',
    looksAt: 'whether our user may read, write and make tables, at a server that takes writes',
    mend: 'grants of the database, `--database-url`',
    of: 'database',
    look: ({ settings }, known) => checkRights(known, settings),
  },
  {
    name: 'schema',
    looksAt: 'whether the tables are those of this version, are behind, or are of a newer one',
    mend: '`assent migrate`, `--migrate`',
    of: 'database',
    look: ({ settings }, known) => checkSchema(known, settings),
  },
  {
    name: 'pooler',
    looksAt: 'whether a pooler stands before the database, and the settings know',
    mend: '`--database-pooler`',
    of: 'database',
    look: ({ settings }, known) => checkPooler(known, settings),
  },
  {
    name: 'timeouts',
    looksAt: 'whether the role has limits for its statements, where a pooler keeps a server from setting them',
    mend: '`ALTER ROLE`',
    of: 'database',
    look: ({ settings }, known) => checkTimeouts(known, settings),
  },
  {
    name: 'database',
    looksAt:
      'whether it can be reached with our name and password, by TLS where it is elsewhere, and opens with our master key',
    mend: '`--database-url`, `--database-password-file`, `--database-pool`, `ASSENT_MASTER_KEY`',
    of: 'store',
    look: ({ server, settings }) => [
      ok(
        'database',
        settings.databaseUrl === undefined
          ? `SQLite, ${databaseSize(settings.dataDir)}.`
          : `${server.placeOfData(settings)}.`,
      ),
    ],
  },
  {
    name: 'instances',
    looksAt:
      'whether the servers that share the database have the same version, settings, keys and texts, and one that is started with these settings would, too',
    mend: 'the setting that it names, at the servers that it names',
    of: 'store',
    look: (examined, store) => checkInstances(examined, store),
  },
  {
    name: 'realm',
    looksAt: 'the default journeys, the push service, and phones that nothing rings',
    mend: 'the services `pushNotification`, `pushFcm`, `pushApns` of the realm',
    of: 'store',
    look: (_examined, store) => checkRealms(store),
  },
  {
    name: 'realm',
    looksAt: 'whether Google, Apple and Amazon know the realm, by calls that send nothing',
    mend: 'the setting of the service that it names',
    of: 'store',
    look: ({ server, settings, io }, store) => checkProviders(server, store, settings, () => io.now()),
  },
  {
    name: 'realm',
    looksAt:
      'whether passkeys are made for a host that browsers take at the public URL, which is no IP address, and whether some are stored that were made for another',
    mend: '`relyingPartyId` of the service `assent`, `--public-url`',
    of: 'store',
    look: ({ server, settings }, store) => checkRelyingParties(server, store, settings),
  },
  {
    name: 'realm',
    looksAt:
      'whether certificates that authenticators are trusted by have expired, and whether the metadata of authenticators was read and is of late',
    mend: '`trustStores`, `metadataRoots`, `fidoMetadataServiceUris` of the service `webAuthnMetadataService`',
    of: 'store',
    look: ({ io, settings }, store) => checkAuthenticatorTrust(store, io.now(), settings.authenticatorMetadataFiles),
  },
  {
    name: 'realm',
    looksAt:
      'whether the journeys that `loaMapping` and `authLevelJourneys` name prove their class of sign-in, or reach their level, on every path to Success, and whether users can meet the conditions of policies',
    mend: '`loaMapping` of the service `oauth-oidc`, `authLevelJourneys` and `policies` of the service `assent`',
    of: 'store',
    look: (examined, store) => checkSignInClasses(examined, store),
  },
  {
    name: 'realm',
    looksAt:
      'whether the journey of administrators needs a role, and whether callers can start journeys that prove less than the default journey',
    mend: '`startableJourneys` of the service `assent`, a journey with an Administrator Decision',
    of: 'store',
    look: (examined, store) => checkStartable(examined, store),
  },
  {
    name: 'realm',
    looksAt: 'whether a short password alone signs in by the default journey',
    mend: '`passwordMinLength` of the service `assent`, or a second factor in the journey',
    of: 'store',
    look: ({ server, settings }, store) => checkPasswordLength(server, store, settings),
  },
  {
    name: 'realm',
    looksAt: 'what does not work of clients and providers that were brought along',
    mend: 'the field of the client that it names',
    of: 'store',
    look: ({ server, settings }, store) => checkClients(server, store, settings),
  },
  {
    name: 'realm',
    looksAt: 'whether the mail server greets us, encrypts, and knows our name and password; no mail is sent',
    mend: '`hostname`, `port`, `sslState`, `username`, `password` of the service `email`; `--private-hosts`',
    of: 'store',
    look: ({ server, settings }, store) => checkMail(server, settings, store),
  },
  {
    name: 'realm',
    looksAt: 'whether the directory of the realm lets us look users up',
    mend: '`urls`, `startTls`, `caCertificates`, `bindDn`, `bindPassword` of the service `ldap`; `--private-hosts`',
    of: 'store',
    look: ({ server, settings, io }, store) => checkDirectories(server, settings, store, () => io.now()),
  },
  {
    name: 'outbox',
    looksAt: 'what could not be sent, and why',
    mend: 'the cause that it names, then `assent outbox retry`',
    of: 'store',
    look: (_examined, store) => checkOutbox(store),
  },
  {
    name: 'keys',
    looksAt: 'whether a replacement of keys has stood still, and which keys are old, or out of use and still there',
    mend: '`assent key list`, `rotate` and `destroy`',
    of: 'store',
    look: ({ io }, store) => checkKeys(store, io.now()),
  },
  {
    name: 'audit trail',
    looksAt:
      'whether the audit trail is sealed as it is written, up to where it is signed, and whether the key for that is there',
    mend: 'a server that runs, its log; `assent audit verify`',
    of: 'store',
    look: checkAuditTrail,
  },
  {
    name: 'audit sink',
    looksAt: 'whether the sink of the audit trail can be reached, by a way that sends nothing, and takes what there is',
    mend: '`--audit-sink`, `--audit-sink-ca`, the receiver, the disk; `--private-hosts`',
    of: 'store',
    look: (examined, store) => checkAuditSink(examined, store),
  },
  {
    name: 'clock',
    looksAt: 'whether ours and that of the database agree',
    mend: 'the clocks, NTP',
    of: 'store',
    look: ({ io }, store) => checkDatabaseClock(store, io.now()),
  },
  {
    name: 'administration',
    looksAt: 'administrators who have no phone, where they need one; a server that is no demo, and is started as one',
    mend: 'a phone for each of them; `ASSENT_SEED=none`',
    of: 'store',
    look: ({ server, settings }, store) =>
      settings.adminSecondFactor ? checkAdministrators(server, store) : checkDemo(server, settings, store),
  },
  {
    name: 'descriptors',
    looksAt: 'how many files and connections a process may have open',
    mend: '`LimitNOFILE`, `ulimit -n`',
    of: 'surroundings',
    look: () => checkDescriptors(limitsOfThisProcess()),
  },
  {
    name: 'hint bus',
    looksAt: 'whether Redis passes on what is published',
    mend: '`--redis-url`, `--redis-password-file`',
    of: 'surroundings',
    look: ({ server, settings, io }) => checkHintBus(server, settings, io),
  },
  {
    name: 'public URL',
    looksAt:
      'whether it leads to this server, by a certificate for its name, and by a proxy that passes on name and address of the caller (`X-Forwarded-*`); findings are called `certificate` and `proxy`, too',
    mend: '`--public-url`, `--trusted-proxies`, the proxy, its certificate',
    of: 'surroundings',
    look: ({ settings, io }) => checkPublicUrl(settings, io),
  },
  {
    name: 'port',
    looksAt: 'whether it is free, or an Assent that is well answers there',
    mend: '`--port`, `--host`',
    of: 'surroundings',
    look: async ({ settings, io }) => [await checkPort(settings, io)],
  },
];
