import type { Store } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { makeSure, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { realmPath, type Stored } from '../command/stored.ts';

export type EntryOptions = JsonOption;

interface FilterOptions extends JsonOption {
  readonly kind?: string;
  readonly realm?: string;
}

export interface ListOptions extends FilterOptions {
  readonly dead?: boolean;
  readonly waiting?: boolean;
  readonly after?: string;
}

export interface RetryOptions extends FilterOptions {
  readonly all?: boolean;
}

export type DropOptions = JsonOption & YesOption;

type Entry = NonNullable<Awaited<ReturnType<Store['outbox']['find']>>>;

const PAGE = 100;

const time = (millis: number): string => new Date(millis).toISOString();

const filterOf = ({ kind, realm }: FilterOptions) => ({
  ...(kind !== undefined && { kind }),
  ...(realm !== undefined && { realm: realmPath(realm) }),
});

const stateOf = ({ deadAt }: Entry): 'waiting' | 'dead' => (deadAt === undefined ? 'waiting' : 'dead');

/** An entry for programs; a time that there is none of is left out. */
const documentOf = ({ server, settings }: Pick<Stored<JsonOption>, 'server' | 'settings'>, entry: Entry) => {
  const { id, kind, realm, recipient, userId, tries, nextTryAt, deadAt, cause } = entry;
  return {
    id,
    kind,
    realm,
    recipient,
    ...(userId !== undefined && { user: userId }),
    state: stateOf(entry),
    tries,
    ...(deadAt === undefined && nextTryAt > 0 && { nextTryAt: time(nextTryAt) }),
    ...(deadAt !== undefined && {
      deadAt: time(deadAt),
      keptUntil: time(deadAt + server.retentionOf(settings).notices),
    }),
    ...(cause !== undefined && { cause }),
  };
};

const lineOf = (entry: Entry): string => {
  const { id, kind, realm, recipient, tries, cause } = entry;
  const why = cause === undefined ? '' : `: ${cause}`;
  return plainText(`${id}  ${kind}  ${realm}  to ${recipient}  ${stateOf(entry)} after ${tries} tries${why}`);
};

export const listEntries = async (stored: Stored<ListOptions>): Promise<ExitCode> => {
  const { io, store, options } = stored;
  if (options.dead === true && options.waiting === true) {
    throw new CliError('USAGE', 'Either what is dead or what waits: without both, all of it.', 'assent outbox list');
  }
  const isDead = options.dead === true ? true : options.waiting === true ? false : undefined;
  const filter = { ...filterOf(options), ...(isDead !== undefined && { isDead }) };
  const entries = await store.outbox.list(filter, PAGE + 1, options.after ?? '');
  for (const entry of entries.slice(0, PAGE)) {
    if (options.json === true) printJson(io, { entry: documentOf(stored, entry) });
    else io.stdout.write(`${lineOf(entry)}\n`);
  }
  if (options.json === true) return EXIT.done;
  if (entries.length === 0) io.stdout.write('There is nothing.\n');
  if (entries.length > PAGE) io.stdout.write(`There is more: go on with --after ${entries[PAGE - 1]?.id}\n`);
  return EXIT.done;
};

const knownEntry = async ({ store }: Stored<JsonOption>, id: string): Promise<Entry> => {
  const entry = await store.outbox.find(id);
  if (entry !== undefined) return entry;
  throw new CliError(
    'NO_ENTRY',
    `There is no entry ${plainText(id)}: it was sent, dropped, or never there.`,
    'assent outbox list',
  );
};

export const showEntry = async (stored: Stored<EntryOptions>, id: string): Promise<ExitCode> => {
  const { io, options } = stored;
  const document = documentOf(stored, await knownEntry(stored, id));
  if (options.json === true) {
    printJson(io, { entry: document });
    return EXIT.done;
  }
  for (const [name, value] of Object.entries(document)) {
    io.stdout.write(`  ${name.padEnd(9)}  ${plainText(String(value))}\n`);
  }
  return EXIT.done;
};

/** A row of the trail for what somebody did to an entry by hand. */
const audited = ({ io }: Pick<Stored<JsonOption>, 'io'>, event: string, { id, kind, realm }: Entry) => ({
  type: 'audit.append' as const,
  event: { at: io.now(), event, realm, transactionId: io.randomUuid(), detail: { id, kind, by: 'command line' } },
});

export const retryEntries = async (stored: Stored<RetryOptions>, id: string | undefined): Promise<ExitCode> => {
  const { io, store, options } = stored;
  if ((id === undefined) === (options.all !== true)) {
    throw new CliError('USAGE', 'Say which: one entry, or --all that was given up.', 'assent outbox list --dead');
  }
  let retried = 0;
  const retry = async (entry: Entry): Promise<boolean> => {
    const changes = [{ type: 'outbox.revive', id: entry.id }, audited(stored, 'OUTBOX_RETRY', entry)];
    const { committed } = await store.committer.commit(changes);
    if (committed && options.json === true) printJson(io, { entry: { id: entry.id } });
    if (committed) retried += 1;
    return committed;
  };
  if (id !== undefined) {
    if (!(await retry(await knownEntry(stored, id)))) {
      throw new CliError('IN_USE', `The entry ${plainText(id)} was not given up: it is tried again by itself.`);
    }
  } else {
    // One that was revived is not dead any more, so the next page begins where this one did.
    for (let after = ''; ; ) {
      const page = await store.outbox.list({ ...filterOf(options), isDead: true }, PAGE, after);
      for (const entry of page) await retry(entry);
      if (page.length < PAGE) break;
      after = page[PAGE - 1]?.id ?? '';
    }
  }
  if (options.json !== true) {
    io.stdout.write(`${retried} to be tried again. A server that runs begins within two seconds.\n`);
  }
  return EXIT.done;
};

export const dropEntry = async (stored: Stored<DropOptions>, id: string): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const entry = await knownEntry(stored, id);
  const question = `Drop ${plainText(id)} (${plainText(entry.kind)})? It will not be sent.`;
  await makeSure(stored, question, 'Nothing was dropped.');
  await store.committer.commit([{ type: 'outbox.settle', id }, audited(stored, 'OUTBOX_DROP', entry)]);
  if (options.json === true) printJson(io, { entry: { id } });
  else io.stdout.write(`The entry ${plainText(id)} was dropped.\n`);
  return EXIT.done;
};
