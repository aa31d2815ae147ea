import type { Settings } from '@assent/server';
import type { DatabaseFacts, SchemaPlan, Store } from '@assent/store';
import { asCliError } from '../command/cli-error.ts';
import { databaseFault } from '../command/database-fault.ts';
import { plainText } from '../command/plain-text.ts';
import { type Examined, type Finding, ok, problem, warning } from './check.ts';

/** What was found out about a database before it was opened: opening it would change its schema. */
export interface KnownDatabase {
  /** Absent where it could not be read. */
  readonly plan: SchemaPlan | undefined;
  /** Of PostgreSQL. */
  readonly facts: DatabaseFacts | undefined;
}

/** Why the database cannot be used, with the setting to change; throws what is no matter of the database. */
export const databaseProblem = (error: unknown): Finding => {
  const fault = databaseFault(error);
  if (fault !== undefined) return problem('database', fault.message, fault.fix);
  const refusal = asCliError(error);
  if (refusal === undefined) throw error;
  return problem('database', refusal.message);
};

/** Whether the tables are those of this version of Assent, or will be by the next start. */
export const checkSchema = ({ plan }: KnownDatabase, { migrate }: Pick<Settings, 'migrate'>): readonly Finding[] => {
  if (plan === undefined || plan.version === 0) return [];
  const { version, known, migrations, indexes } = plan;
  const name = 'schema';
  if (version > known) {
    return [ok(name, `The schema is ${version}, of a newer version of Assent beside which this one can serve.`)];
  }
  if (migrations.length > 0) {
    const text = `The schema is ${version}, and this version of Assent has ${known}`;
    const lookHint = 'assent migrate --plan, which tells what would be done, then assent migrate';
    return migrate === 'off'
      ? [problem(name, `${text}: it does not start, since --migrate (ASSENT_MIGRATE) is off.`, lookHint)]
      : [warning(name, `${text}: the next start brings it there. Until then nothing inside was looked at.`, lookHint)];
  }
  if (indexes.length > 0) {
    return [warning(name, `${indexes.length} indexes were begun and not ended: queries are slow.`, 'assent migrate')];
  }
  return [ok(name, `The schema is ${version}, which is that of this version of Assent.`)];
};

/** Whether our user may do in the database what a server does. */
export const checkRights = (
  { facts, plan }: KnownDatabase,
  { migrate }: Pick<Settings, 'migrate'>,
): readonly Finding[] => {
  if (facts === undefined) return [];
  const name = 'rights';
  const { isReadOnly, closedTables, mayCreate } = facts;
  if (isReadOnly) {
    return [
      problem(
        name,
        'The database takes no writes: it is a standby, or was set to be read only.',
        'set --database-url (ASSENT_DATABASE_URL) to the primary, or default_transaction_read_only of the role and the database to off',
      ),
    ];
  }
  if (closedTables.length > 0) {
    return [
      problem(
        name,
        `Our user may not read and write ${closedTables.join(', ')}.`,
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO our user, or make it their owner',
      ),
    ];
  }
  if (mayCreate || migrate === 'off') return [ok(name, 'Our user may do in the database what a server does.')];
  const fix =
    'GRANT CREATE ON SCHEMA public TO our user; or run assent migrate as one who may before each new version, and start with --migrate off (ASSENT_MIGRATE=off)';
  return plan !== undefined && plan.version > 0 && plan.migrations.length === 0
    ? [warning(name, 'Our user may not make tables, so that no server of the next version starts.', fix)]
    : [problem(name, 'Our user may not make tables, so that no server starts.', fix)];
};

/** Whether what stands before the database is what the settings say. */
export const checkPooler = (
  { facts }: KnownDatabase,
  { databasePooler }: Pick<Settings, 'databasePooler'>,
): readonly Finding[] => {
  if (facts === undefined) return [];
  const name = 'pooler';
  if (facts.isPooled && databasePooler === undefined) {
    return [
      problem(
        name,
        'A pooler stands before the database, and the settings do not say so: what a server sets of its session may be of another.',
        'set --database-pooler transaction (ASSENT_DATABASE_POOLER=transaction)',
      ),
    ];
  }
  if (!facts.isPooled && databasePooler !== undefined) {
    return [
      warning(
        name,
        'The settings say that a pooler stands before the database, and none does: statements have no limits but those of the role.',
        'leave --database-pooler (ASSENT_DATABASE_POOLER) out',
      ),
    ];
  }
  return [
    ok(
      name,
      facts.isPooled
        ? 'A pooler stands before the database, as the settings say.'
        : 'No pooler stands before the database.',
    ),
  ];
};

/** Behind a pooler a server cannot set the limits of its session: the role has to have them (OPS-12). */
export const checkTimeouts = (
  { facts }: KnownDatabase,
  { databasePooler }: Pick<Settings, 'databasePooler'>,
): readonly Finding[] => {
  if (facts === undefined || databasePooler === undefined) return [];
  const { statement, lock, idleInTransaction } = facts.timeouts;
  const lacks = [
    ...(statement === 0 ? ["statement_timeout = '2s'"] : []),
    ...(lock === 0 ? ["lock_timeout = '1s'"] : []),
    ...(idleInTransaction === 0 ? ["idle_in_transaction_session_timeout = '5s'"] : []),
  ];
  if (lacks.length === 0) return [ok('timeouts', 'The role has limits for its statements.')];
  return [
    warning(
      'timeouts',
      'The role has no limits for its statements, and behind a pooler a server cannot set them: one that hangs holds its locks for ever.',
      lacks.map((it) => `ALTER ROLE our_user SET ${it}`).join('; '),
    ),
  ];
};

/** Whether the servers that share the database have alike what they should, and a start with these settings would, too (OPS-31). */
export const checkInstances = async (
  { io, server, settings }: Examined,
  { instances, clock, secrets }: Pick<Store, 'instances' | 'clock' | 'secrets'>,
): Promise<readonly Finding[]> => {
  const { differencesAmong, differencesOfStart, isGone, textOfDifference } = server;
  const name = 'instances';
  const now = clock?.now() ?? io.now();
  const known = await instances.list();
  const there = known.filter((it) => !isGone(it, now)).length;
  // Whoever is there has made the key of what it tells; the doctor makes none.
  if (there === 0) return [];
  let facts: Readonly<Record<string, string>>;
  try {
    facts = await server.factsAtStart({ secrets }, settings, io.cwd);
  } catch (error) {
    const cause = error instanceof Error ? error.message.split('\n')[0] : String(error);
    return [
      problem(
        name,
        plainText(`No server starts here with these settings: ${cause}`),
        'install what it names, or set --nodes (ASSENT_NODES) to what is there',
      ),
    ];
  }
  const ours = differencesOfStart(facts, known, now).map((it) =>
    warning(
      name,
      plainText(
        `A server that is started here with these settings has something else than ${it.others.join(', ')}: ${it.what}.`,
      ),
      'give the doctor the settings of the server; where it has them, set it alike, or start again those that are behind',
    ),
  );
  const differences = differencesAmong(known, now);
  if (differences.length > 0) {
    const amongThem = differences.map((it) =>
      problem(
        name,
        plainText(`They differ in what all of them should have alike, ${textOfDifference(it)}.`),
        'set it alike for all of them, and start again those that are behind; assent instances shows who they are',
      ),
    );
    return [...amongThem, ...ours];
  }
  return [ok(name, there === 1 ? 'One is there.' : `${there} are there, and have alike what they should.`), ...ours];
};
