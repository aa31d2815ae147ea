import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** Where a PostgreSQL listens, and who may do everything there. */
export interface PostgresAddress {
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
}

export interface DatabaseOptions {
  /** How texts are sorted: by their bytes where absent, or as people sort them in a language, such as `en-US`. */
  readonly language?: string;
}

/** A database that nobody else uses, with an owner who may do nothing outside of it. */
export interface TestDatabase {
  readonly name: string;
  /** The PostgreSQL that it is on. */
  readonly server: PostgresAddress;
  /** For its owner, as a program that serves would connect. */
  readonly url: string;
  /** For the superuser of the server, in the same database. */
  readonly superuserUrl: string;
  /** Has the superuser execute statements in it, to break what an operator could break. */
  alter(...statements: readonly string[]): Promise<void>;
  /** Drops it, whoever is connected to it still. */
  close(): Promise<void>;
}

const urlOf = ({ host, port }: PostgresAddress, user: string, database: string): string =>
  `postgres://${user}@${host}:${port}/${database}`;

const executeAt = async (url: string, ...statements: readonly string[]): Promise<void> => {
  const client = new pg.Client(url);
  // A server that is killed on purpose takes this connection with it; the statement that waits tells of it.
  client.on('error', () => {});
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
};

/** Statements by a connection of their own to the database of the superuser. */
export const asSuperuser = (address: PostgresAddress, ...statements: readonly string[]): Promise<void> =>
  executeAt(urlOf(address, address.superuser, 'postgres'), ...statements);

/** Makes a database on a server, in some 30 ms. */
export const createDatabaseOn = async (
  address: PostgresAddress,
  { language }: DatabaseOptions = {},
): Promise<TestDatabase> => {
  const name = `assent_${randomBytes(6).toString('hex')}`;
  const sorted = language === undefined ? '' : `LOCALE_PROVIDER icu ICU_LOCALE '${language}'`;
  await asSuperuser(
    address,
    `CREATE ROLE ${name} LOGIN`,
    `CREATE DATABASE ${name} OWNER ${name} TEMPLATE template0 ${sorted}`,
  );
  return {
    name,
    server: address,
    url: urlOf(address, name, name),
    superuserUrl: urlOf(address, address.superuser, name),
    alter: (...statements) => executeAt(urlOf(address, address.superuser, name), ...statements),
    close: () => asSuperuser(address, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `DROP ROLE IF EXISTS ${name}`),
  };
};
