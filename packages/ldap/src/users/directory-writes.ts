import type { Change, Committer, EngineChange, IdentityDirectory } from '@assent/engine/host';
import { DirectoryRefusal, DirectoryUnavailable } from '../connection/directory-errors.ts';
import type { Directories } from '../directory/directories.ts';
import { namesOfDirectory } from '../directory/entries.ts';

export interface DirectoryWritesPorts {
  readonly stored: Pick<IdentityDirectory, 'findById'>;
  readonly directories: Pick<Directories, 'of' | 'areOf'>;
}

type AttributesChange = Extract<EngineChange, { readonly type: 'identity.attributes' }>;
type Attributes = AttributesChange['attributes'];

/**
 * Writes what of a commit belongs into a directory, right before it (OPS-77). To write it again changes nothing, so a commit that lost a race
 * does; and where the commit fails for good the directory has newer attributes of a user, which is no state that it could not have by itself.
 */
export class DirectoryWrites {
  readonly #ports: DirectoryWritesPorts;

  constructor(ports: DirectoryWritesPorts) {
    this.#ports = ports;
  }

  over(committer: Committer): Committer {
    return {
      commit: async (changes) =>
        committer.commit(changes.some(isAttributes) ? await this.#withoutWhatWasWritten(changes) : changes),
    };
  }

  /** Whether users of the realm are made and deleted in a directory, and not here. */
  makesUsersOf(realm: string): boolean {
    return this.#ports.directories.areOf(realm);
  }

  /** Why these attributes cannot be written, all together; undefined where they can. */
  refusalOf(realm: string, names: readonly string[]): string | undefined {
    const service = this.#ports.directories.of(realm)?.service;
    if (service === undefined) return undefined;
    const known = namesOfDirectory(service);
    const name = names.find((it) => known.includes(it) && !service.writableAttributes.includes(it));
    return name === undefined
      ? undefined
      : `${name} is kept in the directory of the realm: change it there, or let it be written by writableAttributes of the service "ldap".`;
  }

  async #withoutWhatWasWritten(changes: readonly Change[]): Promise<readonly Change[]> {
    const left: Change[] = [];
    for (const change of changes) left.push(isAttributes(change) ? await this.#written(change) : change);
    return left;
  }

  async #written(change: AttributesChange): Promise<Change> {
    const row = await this.#ports.stored.findById(change.id);
    const directory = row?.entryId === undefined ? undefined : this.#ports.directories.of(row.realm);
    if (row?.entryId === undefined || directory === undefined) return change;
    const { service } = directory;
    const known = namesOfDirectory(service);
    const names = Object.keys(change.attributes);
    const refusal = this.refusalOf(row.realm, names);
    if (refusal !== undefined) throw new DirectoryRefusal(refusal);
    const theirs = names.filter((name) => known.includes(name));
    if (theirs.length > 0) {
      const entry = await directory.findById(row.entryId);
      if (entry === undefined)
        throw new DirectoryUnavailable('The entry of the user is not in the directory any more.');
      const byTheirName = theirs.map(
        (name) => [service.attributes[name] ?? name, change.attributes[name] ?? []] as const,
      );
      await directory.write(entry.dn, Object.fromEntries(byTheirName));
    }
    return { ...change, attributes: without(change.attributes, theirs) } satisfies AttributesChange;
  }
}

const isAttributes = (change: Change): change is AttributesChange => change.type === 'identity.attributes';

const without = (attributes: Attributes, names: readonly string[]): Attributes =>
  Object.fromEntries(Object.entries(attributes).filter(([name]) => !names.includes(name)));
