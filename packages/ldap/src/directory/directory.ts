import { foldUsername, type Random } from '@assent/engine';
import {
  AndFilter,
  Attribute,
  BerWriter,
  Change,
  type Client,
  type Entry,
  EqualityFilter,
  type Filter,
  FilterParser,
  SubstringFilter,
} from 'ldapts';
import { type Connection, resultCodeOf } from '../connection/connection.ts';
import { Connections, type ConnectionsPorts } from '../connection/connections.ts';
import { DirectoryRefusal, DirectoryUnavailable } from '../connection/directory-errors.ts';
import { PolicyControl } from '../connection/policy-control.ts';
import type { LdapService } from '../settings/ldap-service.ts';
import type { DirectoryObserver, DirectoryOperation } from './directory-observer.ts';
import { type DirectoryEntry, guidOfUuid, isGuid, readEntry, wantedAttributes } from './entries.ts';
import { acceptedPassword, type PasswordAnswer, refusedPassword } from './password-answers.ts';

const SIZE_LIMIT_EXCEEDED = 4;
const NO_SUCH_OBJECT = 32;
/** RFC 3062: a password is changed by a call of its own, whatever scheme the directory stores it by. */
const MODIFY_PASSWORD = '1.3.6.1.4.1.4203.1.11.1';
/** Nobody reads more users at once; who looks for more looks by a filter. */
const MAX_LISTED = 5_000;
/** Entries whose names a directory takes for one; whose it is of so many is for us to see. */
const MAX_OF_NAME = 20;

/** By the directory's name of the attribute. */
export type Having =
  | { readonly attribute: string; readonly value: string }
  | { readonly attribute: string; readonly beginning: string };

/** Some users of a directory; `isCut` where it has more, or may have. */
export interface Listed {
  readonly entries: readonly DirectoryEntry[];
  readonly isCut: boolean;
}

const filterOf = (having: Having): Filter =>
  'value' in having
    ? new EqualityFilter(having)
    : new SubstringFilter({ attribute: having.attribute, initial: having.beginning, any: [], final: '' });

export interface DirectoryPorts extends ConnectionsPorts {
  readonly random: Random;
  readonly observer?: DirectoryObserver;
}

/** The directory of a realm: what is asked of it. A value goes out as a value, never as a part of a filter's text or of a DN (OPS-75). */
export class Directory {
  readonly service: LdapService;
  readonly #connections: Connections;
  readonly #ports: DirectoryPorts;
  readonly #userFilter: Filter;
  readonly #realm: string;

  /** `realm` is told to whoever observes. */
  constructor(service: LdapService, ports: DirectoryPorts, realm = '') {
    this.service = service;
    this.#realm = realm;
    this.#ports = ports;
    this.#connections = new Connections(service, ports);
    this.#userFilter = FilterParser.parseString(service.userFilter);
  }

  /**
   * Directories compare more loosely than we do: spellings that would be counted apart are none of this user. A name that two entries have
   * is nobody's: which of them is told first would say who somebody is.
   */
  async findByName(username: string): Promise<DirectoryEntry | undefined> {
    const found = await this.findByValue(this.service.usernameAttribute, username, MAX_OF_NAME);
    return only(found.filter((entry) => foldUsername(entry.username) === foldUsername(username)));
  }

  async findById(id: string): Promise<DirectoryEntry | undefined> {
    const attribute = this.service.idAttribute;
    const value = isGuid(attribute) ? guidOfUuid(id) : id;
    if (value === undefined) return undefined;
    const found = await this.#search(new EqualityFilter({ attribute, value }), MAX_OF_NAME);
    return only(found.filter((entry) => entry.id === id));
  }

  /** Whether it has anybody. One that was emptied, or that shows nothing any more to `bindDn`, answers as if everybody had left. */
  hasUsers(): Promise<boolean> {
    return this.#asService('search', async (client) => {
      try {
        const { searchEntries } = await client.search(this.service.baseDn, { ...this.#searchOptions(), sizeLimit: 1 });
        return searchEntries.length > 0;
      } catch (error) {
        if (resultCodeOf(error) === SIZE_LIMIT_EXCEEDED) return true;
        throw this.#refusedSearch(error);
      }
    });
  }

  /** Those who have that value; two at the most, which is enough to know that it names nobody, where no more are asked for. */
  findByValue(attribute: string, value: string, most = 2): Promise<readonly DirectoryEntry[]> {
    return this.#search(new EqualityFilter({ attribute, value }), most);
  }

  /** Users by page of the directory: all, or those who have a value or one that begins so. There may be more than it, or anybody, is shown. */
  async list(having?: Having): Promise<Listed> {
    const filter = having && filterOf(having);
    const found: DirectoryEntry[] = [];
    let isCut = false;
    const page = async (client: Client) => {
      const pages = client.searchPaginated(this.service.baseDn, {
        ...this.#searchOptions(filter),
        paged: { pageSize: this.service.pageSize },
      });
      try {
        for await (const { searchEntries } of pages) {
          found.push(...this.#read(searchEntries));
          isCut = found.length > MAX_LISTED;
          if (isCut) return;
        }
      } catch (error) {
        if (resultCodeOf(error) !== SIZE_LIMIT_EXCEEDED || found.length === 0) throw this.#refusedSearch(error);
        isCut = true;
      }
    };
    await this.#ask('search', () => this.#connections.asService(page, 'list'));
    return { entries: found.slice(0, MAX_LISTED), isCut };
  }

  /** Binds as the user, or as nobody there is, which looks alike from outside and costs the directory a bind as well. */
  bind(dn: string | undefined, password: string): Promise<PasswordAnswer> {
    if (password === '') throw new RangeError('A bind without a password proves nothing (RFC 4513 §5.1.2).');
    const name = dn ?? `cn=${Buffer.from(this.#ports.random.bytes(16)).toString('hex')},${this.service.baseDn}`;
    return this.#ask('bind', () => this.#connections.alone((connection) => this.#bindOn(connection, name, password)));
  }

  /** `refused` where the directory has rules that the password does not meet. */
  async changePassword(dn: string, password: string, current?: string): Promise<'changed' | 'refused'> {
    try {
      await this.#ask('password', () =>
        this.service.kind === 'activeDirectory'
          ? this.#connections.asService((client) => changeInActiveDirectory(client, dn, password, current))
          : this.#changeByExtension(dn, password, current),
      );
      return 'changed';
    } catch (error) {
      if (resultCodeOf(error) === undefined) throw error;
      return 'refused';
    }
  }

  /** Sets attributes, by the directory's names; an empty list removes one. Done twice it is done once. */
  async write(dn: string, attributes: Readonly<Record<string, readonly string[]>>): Promise<void> {
    const changes = Object.entries(attributes).map(
      ([type, values]) =>
        new Change({ operation: 'replace', modification: new Attribute({ type, values: [...values] }) }),
    );
    try {
      await this.#asService('modify', (client) => client.modify(dn, changes));
    } catch (error) {
      const code = resultCodeOf(error);
      if (code === undefined) throw error;
      const names = Object.keys(attributes).join(', ');
      throw new DirectoryRefusal(`The directory of the realm does not take ${names} (code ${code}).`, { cause: error });
    }
  }

  close(): void {
    this.#connections.close();
  }

  #ask<T>(operation: DirectoryOperation, run: () => Promise<T>): Promise<T> {
    const { observer } = this.#ports;
    return observer === undefined ? run() : observer.ask(this.#realm, operation, run);
  }

  #asService<T>(operation: DirectoryOperation, work: (client: Client) => Promise<T>): Promise<T> {
    return this.#ask(operation, () => this.#connections.asService(work));
  }

  async #bindOn(connection: Connection, dn: string, password: string): Promise<PasswordAnswer> {
    const policy = new PolicyControl();
    try {
      await connection.call((client) => client.bind(dn, password, policy));
      return acceptedPassword(policy);
    } catch (error) {
      const code = resultCodeOf(error);
      if (code === undefined) throw error;
      return refusedPassword(code, error instanceof Error ? error.message : '', policy);
    }
  }

  async #changeByExtension(dn: string, password: string, current: string | undefined): Promise<void> {
    const value = passwordChange(dn, password, current);
    if (current === undefined) {
      await this.#connections.asService((client) => client.exop(MODIFY_PASSWORD, value));
      return;
    }
    // As the user: to the policy it is a change then, and not a reset that has to be followed by one.
    await this.#connections.alone(async (connection) => {
      await connection.call((client) => client.bind(dn, current));
      await connection.call((client) => client.exop(MODIFY_PASSWORD, value));
    });
  }

  #searchOptions(filter?: Filter) {
    const { idAttribute, timeoutMillis } = this.service;
    return {
      scope: 'sub' as const,
      filter: filter === undefined ? this.#userFilter : new AndFilter({ filters: [this.#userFilter, filter] }),
      attributes: [...wantedAttributes(this.service)],
      explicitBufferAttributes: isGuid(idAttribute) ? [idAttribute] : [],
      timeLimit: Math.ceil(timeoutMillis / 1_000),
    };
  }

  #search(filter: Filter, sizeLimit: number): Promise<readonly DirectoryEntry[]> {
    return this.#asService('search', async (client) => {
      try {
        const { searchEntries } = await client.search(this.service.baseDn, {
          ...this.#searchOptions(filter),
          sizeLimit,
        });
        return this.#read(searchEntries);
      } catch (error) {
        throw this.#refusedSearch(error);
      }
    });
  }

  /** What a search failed with, as it is told. */
  #refusedSearch(error: unknown): unknown {
    const code = resultCodeOf(error);
    if (code === undefined) return error;
    const what =
      code === NO_SUCH_OBJECT ? `has no entry ${this.service.baseDn}, the baseDn` : `refuses to search (code ${code})`;
    return new DirectoryUnavailable(`The directory ${what} of the service "ldap".`, { cause: error });
  }

  #read(entries: readonly Entry[]): readonly DirectoryEntry[] {
    const now = this.#ports.clock.now();
    return entries.flatMap((entry) => readEntry(this.service, entry, now) ?? []);
  }
}

const only = <T>(found: readonly T[]): T | undefined => (found.length === 1 ? found[0] : undefined);

const passwordChange = (dn: string, password: string, current: string | undefined): Buffer => {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(dn, 0x80);
  if (current !== undefined) writer.writeString(current, 0x81);
  writer.writeString(password, 0x82);
  writer.endSequence();
  return writer.buffer;
};

/** MS-ADTS §3.1.1.3.1.5: in quotes, as UTF-16; to delete the old value and add the new one is a change, to replace it a reset. */
const unicodePassword = (password: string): Buffer => Buffer.from(`"${password}"`, 'utf16le');

const changeInActiveDirectory = (client: Client, dn: string, password: string, current?: string): Promise<void> => {
  const change = (operation: 'add' | 'delete' | 'replace', value: string) =>
    new Change({ operation, modification: new Attribute({ type: 'unicodePwd', values: [unicodePassword(value)] }) });
  return client.modify(
    dn,
    current === undefined ? [change('replace', password)] : [change('delete', current), change('add', password)],
  );
};
