import type { Clock, Identity, Random } from '@assent/engine';
import {
  type Change,
  type Committer,
  creationAttributes,
  type EngineChange,
  type IdentityDirectory,
} from '@assent/engine/host';
import { DirectoryBusy } from '../connection/directory-errors.ts';
import type { Directory } from '../directory/directory.ts';
import { type DirectoryEntry, namesOfDirectory } from '../directory/entries.ts';

/** The mark of an entry that is not in the directory any more; none that is there has it. */
const GONE = 'gone';

/** Whether the entry of a user was looked for and was not there. */
export const hasLeft = ({ entryMark }: Pick<Identity, 'entryMark'>): boolean => entryMark === GONE;

/** Whoever loses against this many other instances meets more than bad luck. */
const MAX_TRIES = 8;

export interface SightingPorts {
  readonly stored: Pick<IdentityDirectory, 'find' | 'findByEntry'>;
  readonly committer: Committer;
  readonly clock: Clock;
  readonly random: Random;
}

/** The user with what the directory says: of its attributes the directory alone knows, of the rest the store. */
export const withEntry = (row: Identity, entry: DirectoryEntry, directory: Directory): Identity => {
  const own = Object.entries(row.attributes).filter(([name]) => !namesOfDirectory(directory.service).includes(name));
  return {
    ...row,
    username: entry.username,
    active: row.active && entry.active,
    attributes: { ...Object.fromEntries(own), ...entry.attributes },
  };
};

/**
 * Takes note of an entry that was read: its user has a row from the first sight on (OPS-74), is called as the directory says, and has other
 * credentials as soon as the directory shows that (OPS-76). Each is a conditional commit of its own, after which the row is read again,
 * so of several instances that see the same thing one notes it.
 */
export class Sightings {
  readonly #ports: SightingPorts;

  constructor(ports: SightingPorts) {
    this.#ports = ports;
  }

  /** Undefined where a user of our own has the name: nobody becomes an administrator by an entry that is called like one. */
  async see(realm: string, entry: DirectoryEntry, directory: Directory): Promise<Identity | undefined> {
    const { stored, committer } = this.#ports;
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const row = await stored.findByEntry(realm, entry.id);
      if (row?.username === entry.username && row.entryMark === entry.mark) return withEntry(row, entry, directory);
      const holder = row?.username === entry.username ? row : await stored.find(realm, entry.username);
      if (holder !== undefined && holder.entryId === undefined) return undefined;
      await committer.commit([
        // Who had the name before is somebody else, who is called otherwise by now, or is gone; nothing of theirs is handed on.
        ...(holder !== undefined && holder.id !== row?.id ? renamed(holder.id, holder.entryId ?? holder.id) : []),
        ...(row === undefined ? this.#inserted(realm, entry) : this.#changesOf(row, entry)),
      ]);
    }
    throw new DirectoryBusy('Other instances change the user all the time.');
  }

  /**
   * The entry of a row was looked for and is not there: what was begun with its credentials is over, as it is where the account is out of
   * use. Should it come back, its credentials are others.
   */
  async miss(row: Identity): Promise<void> {
    if (!hasLeft(row)) await this.#ports.committer.commit(this.#ended(row, GONE));
  }

  #inserted(realm: string, { id: entryId, username, mark: entryMark }: DirectoryEntry): readonly EngineChange[] {
    const attributes = creationAttributes(this.#ports.clock.now());
    const id = this.#ports.random.uuid();
    return [
      // No user is made in a realm that was switched off meanwhile (SEC-89).
      { type: 'realm.usable', realm },
      { type: 'identity.insert', id, realm, username, attributes, entryId, entryMark },
    ];
  }

  #changesOf(row: Identity, { username, mark }: DirectoryEntry): readonly Change[] {
    return [
      ...(username === row.username ? [] : renamed(row.id, username)),
      ...(row.entryMark === mark ? [] : this.#ended(row, mark)),
    ];
  }

  #ended({ id, realm, entryMark = '' }: Identity, mark: string): readonly Change[] {
    const at = this.#ports.clock.now();
    const event = { at, event: 'CREDENTIALS_CHANGED', realm, transactionId: 'directory', userId: id };
    return [
      { type: 'identity.entryMark', id, seenMark: entryMark, mark } satisfies EngineChange,
      { type: 'identity.endAccess', id } satisfies EngineChange,
      { type: 'audit.append', event: { ...event, outcome: 'directory' } } satisfies EngineChange,
    ];
  }
}

/** Sessions tell the name of their user, which may be that of somebody else by now. */
const renamed = (id: string, username: string): readonly EngineChange[] => [
  { type: 'identity.rename', id, username },
  { type: 'session.endAllOf', userId: id },
];
