import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Certificate, newCertificate } from '../machine/certificate.ts';
import { freePorts, isListening, LOOPBACK } from '../machine/ports.ts';
import { findProgram } from '../machine/programs.ts';
import { type Scratch, scratchOfProcess } from '../machine/scratch.ts';
import { type ServerCommand, ServerProcess } from '../machine/server-process.ts';

const run = promisify(execFile);

/** Where Debian keeps the modules of slapd, and its schemas. */
const MODULES = '/usr/lib/ldap';
const SCHEMAS = '/etc/ldap/schema';

const BASE = 'dc=example,dc=test';
const ADMINISTRATOR = { dn: `cn=admin,${BASE}`, password: 'administrator of the directory' };
const POLICY = `cn=default,ou=policies,${BASE}`;

export interface SlapdOptions {
  /** Entries to load after the base, its units `people` and `groups`, and the policy, as `ldapadd` reads them. */
  readonly ldif?: string;
  /** What the policy for passwords says, such as `{ pwdMaxFailure: '3', pwdLockout: 'TRUE' }`; it demands nothing where absent. */
  readonly policy?: Readonly<Record<string, string>>;
  /** Lines of `slapd.conf` for the database, such as `sizelimit 50`. */
  readonly settings?: readonly string[];
  readonly scratch?: Scratch;
}

const configuration = (folder: string, certificate: Certificate, settings: readonly string[]): string => `
include ${SCHEMAS}/core.schema
include ${SCHEMAS}/cosine.schema
include ${SCHEMAS}/inetorgperson.schema
modulepath ${MODULES}
moduleload back_mdb
moduleload memberof
moduleload refint
moduleload ppolicy
pidfile ${folder}/pid
TLSCertificateFile ${certificate.certificateFile}
TLSCertificateKeyFile ${certificate.keyFile}
TLSCACertificateFile ${certificate.certificateFile}

database mdb
suffix "${BASE}"
rootdn "${ADMINISTRATOR.dn}"
rootpw "${ADMINISTRATOR.password}"
directory ${folder}/data
maxsize 268435456
dbnosync
index objectClass,uid,mail,entryUUID,member eq
access to attrs=userPassword by self write by anonymous auth by * none
access to * by self write by users read by * none
${settings.join('\n')}

overlay memberof
overlay refint
refint_attributes member memberOf
overlay ppolicy
ppolicy_default "${POLICY}"
ppolicy_hash_cleartext
ppolicy_use_lockout
`;

const baseEntries = (policy: Readonly<Record<string, string>>): string => `
dn: ${BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=people,${BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,${BASE}
objectClass: organizationalUnit
ou: groups

dn: ou=policies,${BASE}
objectClass: organizationalUnit
ou: policies

dn: ${POLICY}
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
${Object.entries(policy)
  .map(([name, value]) => `${name}: ${value}\n`)
  .join('')}
`;

/**
 * A directory: OpenLDAP with the overlays `memberof`, `refint` and `ppolicy`, which listens with StartTLS on one port and with TLS from the
 * start on another. Users may read everything but passwords; who has not bound reads nothing.
 */
export class SlapdServer extends ServerProcess {
  /** The entry below which all others are; people are in `ou=people` of it, groups in `ou=groups`. */
  readonly base = BASE;
  readonly administrator = ADMINISTRATOR;
  /** The name of the policy that holds for all passwords. */
  readonly policy = POLICY;
  readonly url: string;
  readonly tlsUrl: string;
  /** The certificate of both ports, as text: what a client trusts. */
  readonly authority: string;

  private constructor(ports: readonly [number, number], authority: string, command: ServerCommand) {
    super(command);
    this.url = `ldap://${LOOPBACK}:${ports[0]}`;
    this.tlsUrl = `ldaps://${LOOPBACK}:${ports[1]}`;
    this.authority = authority;
  }

  static async launch({
    ldif = '',
    policy = {},
    settings = [],
    scratch = scratchOfProcess(),
  }: SlapdOptions = {}): Promise<SlapdServer> {
    const folder = scratch.folderFor('slapd');
    const [certificate, [plain = 0, tls = 0]] = await Promise.all([newCertificate(folder), freePorts(2)]);
    mkdirSync(join(folder, 'data'));
    const file = join(folder, 'slapd.conf');
    writeFileSync(file, configuration(folder, certificate, settings));
    const addresses = `ldap://${LOOPBACK}:${plain}/ ldaps://${LOOPBACK}:${tls}/`;
    const server = new SlapdServer([plain, tls], certificate.authority, {
      name: 'slapd',
      folder,
      // With a level of debugging it stays in the foreground.
      command: [findProgram('slapd') ?? 'slapd', ['-d', '0', '-f', file, '-h', addresses]],
      isReady: () => isListening(plain),
    });
    await server.start();
    await server.load(baseEntries(policy) + ldif);
    return server;
  }

  /** Loads entries, or changes of entries, as the administrator. */
  async load(ldif: string): Promise<void> {
    const { dn, password } = ADMINISTRATOR;
    const loading = run('ldapmodify', ['-a', '-x', '-H', this.url, '-D', dn, '-w', password]);
    loading.child.stdin?.end(ldif);
    await loading;
  }
}
