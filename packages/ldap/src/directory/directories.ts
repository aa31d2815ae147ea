import type { Configuration } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import type { LookUp } from '../connection/connection.ts';
import { DirectoryUnavailable } from '../connection/directory-errors.ts';
import { LDAP_SERVICE, readLdapService } from '../settings/ldap-service.ts';
import { Directory, type DirectoryPorts } from './directory.ts';

interface Known {
  readonly document: ServiceDocument;
  readonly directory: Directory | { readonly problem: string };
}

export interface DirectoriesPorts extends Omit<DirectoryPorts, 'lookUp'> {
  /** How the hosts that a realm names are looked up. */
  readonly lookUpOf: (realm: string) => LookUp;
  /** Tells an operator, once for each version of a service, that nobody can ask the directory by it. */
  readonly report: (realm: string, problem: string) => void;
}

/** The directories of all realms that have one, each by the service that is in force. */
export class Directories {
  readonly #configuration: Pick<Configuration, 'service'>;
  readonly #ports: DirectoriesPorts;
  readonly #known = new Map<string, Known>();

  constructor(configuration: Pick<Configuration, 'service'>, ports: DirectoriesPorts) {
    this.#configuration = configuration;
    this.#ports = ports;
  }

  /** Whether the realm has users in a directory, and be it one that cannot be asked. */
  areOf(realm: string): boolean {
    return this.#configuration.service(realm, LDAP_SERVICE) !== undefined;
  }

  /** Undefined where the realm keeps its users itself. Throws `DirectoryUnavailable` where its service is stored in a way that names no directory. */
  of(realm: string): Directory | undefined {
    const document = this.#configuration.service(realm, LDAP_SERVICE);
    let known = this.#known.get(realm);
    if (known?.document !== document) {
      this.#forget(realm);
      known = document && { document, directory: this.#made(realm, document) };
      if (known !== undefined) this.#known.set(realm, known);
    }
    if (known === undefined) return undefined;
    if (known.directory instanceof Directory) return known.directory;
    // Users of a directory that nobody can ask are not users of ours.
    throw new DirectoryUnavailable(known.directory.problem);
  }

  close(): void {
    for (const realm of [...this.#known.keys()]) this.#forget(realm);
  }

  #forget(realm: string): void {
    const directory = this.#known.get(realm)?.directory;
    if (directory instanceof Directory) directory.close();
    this.#known.delete(realm);
  }

  #made(realm: string, { config }: ServiceDocument): Known['directory'] {
    const read = readLdapService(config);
    if (!('problem' in read))
      return new Directory(read.service, { ...this.#ports, lookUp: this.#ports.lookUpOf(realm) }, realm);
    this.#ports.report(realm, read.problem);
    return read;
  }
}
