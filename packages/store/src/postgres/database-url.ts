import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { StoreRefused } from '../ports/store.ts';

/** Where the server is, and how it is spoken to. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string | undefined;
  readonly ssl: ConnectionOptions | false;
}

const PARAMETERS: ReadonlySet<string> = new Set(['sslmode', 'sslrootcert', 'host']);
const DEFAULT_PORT = 5432;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('/') || (isIP(host) === 4 && host.startsWith('127.'));

const refuse = (what: string): never => {
  throw new StoreRefused(`ASSENT_DATABASE_URL: ${what}`);
};

const certificateOf = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new StoreRefused(`ASSENT_DATABASE_URL: the file of sslrootcert cannot be read: ${file}`, { cause });
  }
};

/** Reads a URL such as `postgres://assent@db.example.com/assent?sslmode=verify-full`; the password stands in no message (SEC-79). */
export const readDatabaseUrl = (text: string, options: { readonly insecure: boolean }): DatabaseAddress => {
  if (!URL.canParse(text)) return refuse('is no URL. Write postgres://user@host:5432/database.');
  const url = new URL(text);
  if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return refuse('has to begin with postgres://.');
  for (const name of url.searchParams.keys()) {
    if (!PARAMETERS.has(name))
      return refuse(`the parameter ${name} is not known. Known are: ${[...PARAMETERS].join(', ')}.`);
    if (url.searchParams.getAll(name).length > 1) return refuse(`the parameter ${name} is given twice.`);
  }
  // A folder of sockets is no name of a host, so that it stands in a parameter, as libpq has it.
  const host = url.searchParams.get('host') ?? decodeURIComponent(url.hostname).replace(/^\[|\]$/g, '');
  if (host === '') return refuse('names no host.');
  const database = decodeURIComponent(url.pathname.slice(1));
  if (database === '' || database.includes('/'))
    return refuse('names no database: add it after the host, as in …/assent.');
  if (url.username === '') return refuse('names no user: write postgres://user@host/database.');

  const mode = url.searchParams.get('sslmode') ?? (isLoopback(host) ? 'disable' : 'verify-full');
  if (mode !== 'disable' && mode !== 'verify-full') {
    return refuse(`sslmode is ${mode}, and has to be verify-full. On the same machine it may be disable.`);
  }
  if (mode === 'disable' && !isLoopback(host) && !options.insecure) {
    return refuse(
      'sslmode is disable, so that everybody between here and the database could read along. Write verify-full.',
    );
  }
  const file = url.searchParams.get('sslrootcert');
  return {
    host,
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    database,
    user: decodeURIComponent(url.username),
    password: url.password === '' ? undefined : decodeURIComponent(url.password),
    ssl:
      mode === 'disable'
        ? false
        : {
            rejectUnauthorized: true,
            ...(isIP(host) === 0 && { servername: host }),
            ...(file !== null && { ca: certificateOf(file) }),
          },
  };
};
