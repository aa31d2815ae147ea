import { readFileSync } from 'node:fs';
import type { Settings } from '@assent/server';
import type { Store } from '@assent/store';
import type { CliIo } from '../command/cli-io.ts';
import { plainText } from '../command/plain-text.ts';
import type { Server } from '../command/stored.ts';
import { type Finding, ok, problem, warning } from './check.ts';

type Outbound = Pick<Settings, 'insecure' | 'privateHosts'>;

const MAX_DRIFT_MILLIS = 60_000;
/** Each page that waits and each phone that listens holds one. */
const MIN_DESCRIPTORS = 4_096;

/** Whether what is published at the hint bus comes back (OPS-38, OPS-51). */
export const checkHintBus = async (
  { checkRedis }: Pick<Server, 'checkRedis'>,
  { redisUrl, redisPasswordFile }: Pick<Settings, 'redisUrl' | 'redisPasswordFile'>,
  { within }: Pick<CliIo, 'within'>,
): Promise<readonly Finding[]> => {
  if (redisUrl === undefined) return [];
  const cause = await checkRedis({ url: redisUrl, passwordFile: redisPasswordFile }, within);
  if (cause === undefined) return [ok('hint bus', 'Redis passes on what is published.')];
  const isRefused = /NOAUTH|WRONGPASS|NOPERM|invalid (?:username-)?password/i.test(cause);
  // The only file that is read on the way there.
  if (/^(?:ENOENT|EACCES|EISDIR|ENOTDIR|EPERM)$/.test(cause)) {
    return [
      problem(
        'hint bus',
        plainText(
          `The file with the password of Redis cannot be read (${cause}): instances look in the database instead.`,
        ),
        'set --redis-password-file (ASSENT_REDIS_PASSWORD_FILE) to a file that our user may read',
      ),
    ];
  }
  return [
    problem(
      'hint bus',
      plainText(
        `Redis ${isRefused ? 'refuses us' : 'cannot be reached'} (${cause}): instances look in the database instead, and answers show later.`,
      ),
      isRefused
        ? 'set --redis-password-file (ASSENT_REDIS_PASSWORD_FILE) to the file with its password'
        : 'start Redis, or set --redis-url (ASSENT_REDIS_URL) to where it is',
    ),
  ];
};

/** Whether the clock of the database and ours agree: instances go by that of the database (OPS-29, OPS-51). */
export const checkDatabaseClock = ({ clock }: Pick<Store, 'clock'>, now: number): readonly Finding[] => {
  if (clock === undefined) return [];
  const ahead = now - clock.now();
  if (Math.abs(ahead) <= MAX_DRIFT_MILLIS) return [ok('clock', 'The clock of the database and ours agree.')];
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  return [
    problem(
      'clock',
      `Our clock is ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} that of the database.`,
      'let NTP keep the clocks of both machines',
    ),
  ];
};

/** Whether mail servers greet us, encrypt, and know us; no mail is sent (OPS-51). */
export const checkMail = async (
  { checkMailServer, lacksSecret }: Pick<Server, 'checkMailServer' | 'lacksSecret'>,
  settings: Outbound,
  { configuration }: Pick<Store, 'configuration'>,
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  const found = services.map(async (service): Promise<readonly Finding[]> => {
    const { realm, type, config } = service;
    // A placeholder is sent to no server as a password: the check of secrets has said that the value is missing.
    if (type !== 'email' || lacksSecret(service)) return [];
    const name = `realm ${realm}`;
    const cause = await checkMailServer(config, settings);
    if (cause === undefined) return [ok(name, 'The mail server knows the realm; nothing was sent to find that out.')];
    return [
      problem(
        name,
        plainText(`The mail server of the service email does not take mail from us: ${cause}`),
        mailRemedy(cause),
      ),
    ];
  });
  return (await Promise.all(found)).flat();
};

/** As the guard of addresses says it (SEC-69). */
const IS_NOT_CALLED = /may (?:not )?be called/;
const HOW_TO_ALLOW =
  'list its host in --private-hosts (ASSENT_PRIVATE_HOSTS) of every server, with its port where that is not a usual one, and start them again: a host within your network is called only where it is listed';

const mailRemedy = (cause: string): string => {
  if (IS_NOT_CALLED.test(cause)) return HOW_TO_ALLOW;
  if (/\b53[0458]\b|EAUTH/.test(cause))
    return 'set username and password of the service email to those that the mail server knows';
  if (/STARTTLS|ETLS|certificate|self-signed|SSL|TLS/i.test(cause)) {
    return 'set sslState of the service email to what the mail server offers, and let its certificate be one that this machine trusts';
  }
  return 'set hostname and port of the service email to where the mail server is, and let this machine call it';
};

/** Whether the directories of realms can be asked as their services say (OPS-51, OPS-73). */
export const checkDirectories = async (
  { checkDirectory, lacksSecret, LDAP_SERVICE }: Pick<Server, 'checkDirectory' | 'lacksSecret' | 'LDAP_SERVICE'>,
  settings: Outbound,
  { configuration }: Pick<Store, 'configuration'>,
  now: () => number,
): Promise<readonly Finding[]> => {
  const { services } = await configuration.load();
  const found = services.map(async (service): Promise<readonly Finding[]> => {
    const { realm, type, config } = service;
    if (type !== LDAP_SERVICE || lacksSecret(service)) return [];
    const name = `realm ${realm}`;
    const cause = await checkDirectory(config, settings, now);
    if (cause === undefined) return [ok(name, 'The directory of the realm can be asked.')];
    return [
      problem(name, plainText(`The directory of the service ldap cannot be asked: ${cause}`), directoryRemedy(cause)),
    ];
  });
  return (await Promise.all(found)).flat();
};

const directoryRemedy = (cause: string): string => {
  if (IS_NOT_CALLED.test(cause)) return HOW_TO_ALLOW;
  return /bindDn/.test(cause)
    ? 'set bindDn and bindPassword of the service ldap to those of an account that may look users up'
    : 'set urls, startTls and caCertificates of the service ldap to where the directory is and whom to believe it';
};

/** How many files and connections a process may have open here; `limits` is the text of Linux, undefined elsewhere. */
export const checkDescriptors = (limits: string | undefined): readonly Finding[] => {
  const soft = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1];
  if (soft === undefined) return [];
  const isEnough = soft === 'unlimited' || Number(soft) >= MIN_DESCRIPTORS;
  return [
    isEnough
      ? ok('descriptors', `A process may have ${soft} files and connections open.`)
      : warning(
          'descriptors',
          `A process may have only ${soft} files and connections open; each page that waits and each phone that listens holds one.`,
          'LimitNOFILE=65536 in the unit of systemd, or ulimit -n 65536 before the start',
        ),
  ];
};

export const limitsOfThisProcess = (): string | undefined => {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return undefined;
  }
};
