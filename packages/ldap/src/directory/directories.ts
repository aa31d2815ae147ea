import type { Configuration } from '@assent/engine';
import type { ServiceDocument } from '@assent/engine/host';
import { DirectoryUnavailable } from '../connection/directory-errors.ts';
import { LDAP_SERVICE, readLdapService } from '../settings/ldap-service.ts';
import { Directory, type DirectoryPorts } from './directory.ts';

interface Known {
  readonly document: ServiceDocument;
  readonly directory: Directory | { readonly problem: string };
}

/** The directories of all realms that have one, each by the service that is in force. */
export class Directories {
  readonly #configuration: Pick<Configuration, 'service'>;
  readonly #ports: DirectoryPorts;
  readonly #known = new Map<string, Known>();

  constructor(configuration: Pick<Configuration, 'service'>, ports: DirectoryPorts) {
    this.#configuration = configuration;
    this.#ports = ports;
  }

  /** Undefined where the realm keeps its users itself. */
  of(realm: string): Directory | undefined {
    const document = this.#configuration.service(realm, LDAP_SERVICE);
    let known = this.#known.get(realm);
    if (known?.document !== document) {
      this.#forget(realm);
      known = document && { document, directory: this.#made(document) };
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

  #made({ config }: ServiceDocument): Known['directory'] {
    const read = readLdapService(config);
    return 'problem' in read ? read : new Directory(read.service, this.#ports);
  }
}
