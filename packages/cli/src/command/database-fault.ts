import { plainText } from './plain-text.ts';

/** Why the database cannot be used, in words for an operator, with what to change. */
export interface DatabaseFault {
  readonly message: string;
  readonly fix: string;
}

/** How whoever reads it says which database is meant, and where its password is. */
export interface DatabaseWords {
  readonly url: string;
  readonly passwordFile: string;
}

const OF_SETTINGS: DatabaseWords = {
  url: '--database-url (ASSENT_DATABASE_URL)',
  passwordFile: '--database-password-file (ASSENT_DATABASE_PASSWORD_FILE)',
};

/** What keeps us from the database, by what the driver or the server says, and what to do about it. */
const FAULTS: readonly { readonly says: RegExp; readonly words?: string; readonly fix: string }[] = [
  {
    says: /client password must be/,
    words: 'it asks for a password, and the settings have none',
    fix: 'set {passwordFile} to the file with the password of our user',
  },
  {
    says: /\b28P01\b|\b28000\b/,
    fix: 'set the user of {url}, and {passwordFile} to the file with its password',
  },
  {
    says: /\b3D000\b/,
    fix: 'make the database that {url} names, with our user as its owner',
  },
  {
    says: /unsupported startup parameter/,
    fix: 'set --database-pooler transaction (ASSENT_DATABASE_POOLER=transaction): a pooler stands before the database',
  },
  {
    says: /\b42P05\b|\b26000\b/,
    fix: 'set max_prepared_statements of the pooler to 200 (PgBouncer 1.21 or newer), so that it keeps the statements of its clients apart',
  },
  {
    says: /SSL|TLS|CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY|certificate/,
    fix: 'let the database offer TLS with a certificate for its name, and name who has signed it by sslrootcert=FILE in {url}',
  },
  { says: /\b53300\b/, fix: 'lower --database-pool (ASSENT_DATABASE_POOL), or raise max_connections of the server' },
  {
    says: /\b42501\b/,
    fix: 'make our user the owner of the database and of all tables in it; or run assent migrate as one who may make tables, and let our user read and write them',
  },
  {
    says: /ECONN|ENOTFOUND|EHOST|ENET|ETIMEDOUT|EAI_AGAIN|timeout|terminated/i,
    fix: 'start the database, or set {url} to where it is, and let this machine call it',
  },
];

/** What is said along the causes of an error: the last one knows best. */
const saidBy = (error: unknown): readonly string[] => {
  const said: string[] = [];
  for (let at = error; at instanceof Error && said.length < 10; at = at.cause) {
    const { code, message } = at as Error & { readonly code?: unknown };
    said.push(typeof code === 'string' && !message.includes(code) ? `${message} (${code})` : message);
  }
  return said;
};

/** The fault of the database that an error tells of; undefined for one that tells of none. */
export const databaseFault = (error: unknown, names: DatabaseWords = OF_SETTINGS): DatabaseFault | undefined => {
  const said = saidBy(error);
  const fault = FAULTS.find(({ says }) => says.test(said.join('\n')));
  if (fault === undefined) return undefined;
  const { words = said.at(-1) ?? '', fix } = fault;
  return {
    message: plainText(`The database cannot be used: ${words}`),
    fix: fix.replaceAll('{url}', names.url).replaceAll('{passwordFile}', names.passwordFile),
  };
};
