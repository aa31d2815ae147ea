import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECKS } from './checks.mjs';
import { missingPrograms } from './programs.mjs';

// The files that Assent is run with (OPS-70), and one fault after the other in a copy of them.

const DEPLOY = fileURLToPath(new URL('../../deploy', import.meta.url));

type Program = 'haproxy' | 'nginx' | 'pgbouncer' | 'systemd-analyze' | 'kubectl' | 'openssl';

interface Fault {
  readonly check: string;
  readonly file: string;
  readonly line: string;
  readonly becomes: string;
  readonly found: RegExp;
  /** What it takes to see it. */
  readonly programs?: readonly Program[];
}

const FAULTS: readonly Fault[] = [
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: '    shm_size: 256m',
    becomes: '    shmsize: 256m',
    found: /compose\.yaml: line \d+: services\/postgres has a member that Compose does not know; it has .*shmsize/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: 'postgres:17.6-bookworm',
    becomes: 'postgres:latest',
    found: /compose\.yaml: postgres: the image postgres:latest has no version/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: '    shm_size: 256m',
    becomes: '    ports: ["5432:5432"]',
    found: /compose\.yaml: postgres: publishes 5432:5432, and HAProxy alone may/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: 'POSTGRES_PASSWORD_FILE: /run/secrets/postgres-password',
    becomes: 'POSTGRES_PASSWORD: secret',
    found: /compose\.yaml: postgres: POSTGRES_PASSWORD puts a secret into the environment: give POSTGRES_PASSWORD_FILE/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: '      - valkey-users\n',
    becomes: '',
    found: /compose\.yaml: valkey: \/run\/secrets\/valkey-users is not mounted/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: '    internal: true',
    becomes: '    internal: false',
    found: /compose\.yaml: postgres: is in a network that others reach/,
  },
  {
    check: 'compose',
    file: 'compose/compose.yaml',
    line: 'ipv4_address: 172.30.80.10',
    becomes: 'ipv4_address: 172.30.80.11',
    found: /compose\.yaml: assent-1: believes 172\.30\.80\.10, and HAProxy is 172\.30\.80\.11/,
  },
  {
    check: 'compose',
    file: 'compose/make-secrets',
    line: 'valkey-users',
    becomes: 'valkey-people',
    found: /compose\.yaml: the secret valkey-users is .*, which make-secrets does not make/,
  },
  {
    check: 'compose',
    file: 'compose/example.env',
    line: 'ASSENT_DOMAIN=',
    becomes: 'ASSENT_HOSTNAME=',
    found: /example\.env does not say ASSENT_DOMAIN/,
  },
  {
    check: 'systemd',
    file: 'systemd/assent.service',
    line: 'PrivateUsers=yes',
    becomes: 'PrivateUser=yes',
    found: /assent\.service:\d+: Unknown key 'PrivateUser'/,
    programs: ['systemd-analyze'],
  },
  {
    check: 'systemd',
    file: 'systemd/assent.service',
    line: 'CapabilityBoundingSet=\n',
    becomes: '',
    found: /assent\.service: systemd says an exposure of [2-9]\.\d, and 2\.5 is allowed/,
    programs: ['systemd-analyze'],
  },
  {
    check: 'systemd',
    file: 'systemd/assent.service.d/postgresql.conf',
    line: 'LoadCredential=',
    becomes: 'LoadCredentials=',
    found: /postgresql\.conf:\d+: Unknown key 'LoadCredentials'/,
    programs: ['systemd-analyze'],
  },
  {
    check: 'systemd',
    file: 'systemd/assent-admin',
    line: 'credentials/master-key',
    becomes: 'credentials/other-key',
    found: /assent-admin: LoadCredential=master-key:.*other-key is nothing that assent\.service .* says/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/deployment.yaml',
    line: '          readinessProbe:',
    becomes: '          readinesProbe:',
    found: /base\/deployment\.yaml: spec\.template\.spec\.containers\.0\.readinesProbe is no member of Deployment/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/disruption-budget.yaml',
    line: 'unhealthyPodEvictionPolicy: AlwaysAllow',
    becomes: 'unhealthyPodEvictionPolicy: Always',
    found: /base\/disruption-budget\.yaml: spec\/unhealthyPodEvictionPolicy must be equal/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/service.yaml',
    line: 'targetPort: http',
    becomes: 'targetPort: https',
    found: /base\/service\.yaml: the deployment has no port https/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/autoscaler.yaml',
    line: '    kind: Deployment\n',
    becomes: '',
    found: /base\/autoscaler\.yaml: spec\/scaleTargetRef must have required property kind/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/network-policy.yaml',
    line: 'app.kubernetes.io/name: assent',
    becomes: 'app.kubernetes.io/name: other',
    found: /base\/network-policy\.yaml: its selector finds no pod of the deployment assent/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/migrate.yaml',
    line: 'runAsNonRoot: true',
    becomes: 'runAsNonRoot: false',
    found: /base\/migrate\.yaml: needs runAsNonRoot: true/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/base/kustomization.yaml',
    line: '  - migrate.yaml\n',
    becomes: '',
    found: /base\/kustomization\.yaml: migrate\.yaml is not listed/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/overlays/example/size.yaml',
    line: '  maxReplicas: 7',
    becomes: '  maxReplica: 7',
    found: /overlays\/example\/size\.yaml: spec\.maxReplica is no member of HorizontalPodAutoscaler/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/overlays/example/kustomization.yaml',
    line: '    newTag: 0.1.0\n',
    becomes: '',
    found: /overlays\/example\/kustomization\.yaml: the image assent has no version/,
  },
  {
    check: 'kubernetes',
    file: 'kubernetes/overlays/example/kustomization.yaml',
    line: 'configMapGenerator:',
    becomes: 'configMapGenerators:',
    found: /overlays\/example\/kustomization\.yaml: kustomize: .*configMapGenerators/,
    programs: ['kubectl'],
  },
  {
    check: 'haproxy',
    file: 'haproxy/backend.cfg',
    line: 'retry-on conn-failure',
    becomes: 'retry-on con-failure',
    found: /haproxy\/backend\.cfg:\d+\].*retry-on/,
    programs: ['haproxy', 'openssl'],
  },
  {
    check: 'haproxy',
    file: 'haproxy/frontend.cfg',
    line: 'default_backend assent',
    becomes: 'default_backend assents',
    found: /unable to find required default_backend: 'assents'/,
    programs: ['haproxy', 'openssl'],
  },
  {
    check: 'nginx',
    file: 'nginx/assent.conf',
    line: 'proxy_buffering off',
    becomes: 'proxy_bufering off',
    found: /unknown directive "proxy_bufering" in assent\.conf:\d+/,
    programs: ['nginx', 'openssl'],
  },
  {
    check: 'pgbouncer',
    file: 'pgbouncer/pgbouncer.ini',
    line: 'max_prepared_statements = 200',
    becomes: 'max_prepared_statements = 0',
    found: /pgbouncer\.ini: max_prepared_statements has to be more than 0/,
  },
  {
    check: 'pgbouncer',
    file: 'pgbouncer/pgbouncer.ini',
    line: 'default_pool_size',
    becomes: 'default_pol_size',
    found: /pgbouncer\.ini: .*default_pol_size/,
    programs: ['pgbouncer', 'openssl'],
  },
  {
    check: 'settings, ports and addresses',
    file: 'compose/compose.yaml',
    line: 'ASSENT_DRAIN_SECONDS: "5"',
    becomes: 'ASSENT_DRAINS_SECONDS: "5"',
    found: /compose\.yaml: assent-1: .*ASSENT_DRAINS_SECONDS/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'compose/compose.yaml',
    line: 'rediss://',
    becomes: 'redis://',
    found: /compose\.yaml: assent-1: ASSENT_REDIS_URL .* is without TLS/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'systemd/assent.env',
    line: 'ASSENT_PORT=8080',
    becomes: 'ASSENT_PORT=8081',
    found: /nginx\/assent\.conf says port 8080, and assent\.env listens on 8081/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'systemd/assent.service.d/postgresql.conf',
    line: 'postgres://assent@localhost',
    becomes: 'postgres://localhost',
    found: /postgresql\.conf: ASSENT_DATABASE_URL: names no user/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'kubernetes/base/settings.env',
    line: 'ASSENT_MANAGEMENT_PORT=9464',
    becomes: 'ASSENT_MANAGEMENT_PORT=9465',
    found: /deployment\.yaml for management says port 9464, and settings\.env listens on 9465/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'kubernetes/base/deployment.yaml',
    line: '/health/started',
    becomes: '/health/startup',
    found: /deployment\.yaml: startupProbe asks \/health\/startup, and the management port knows/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'kubernetes/base/deployment.yaml',
    line: 'terminationGracePeriodSeconds: 40',
    becomes: 'terminationGracePeriodSeconds: 20',
    found: /deployment\.yaml: a pod is killed after 20 s, and may take 25 to end/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'haproxy/backend.cfg',
    line: 'assent-2:8080',
    becomes: 'assent-2:8081',
    found: /haproxy\/backend\.cfg for assent-2 says port 8081/,
  },
  {
    check: 'settings, ports and addresses',
    file: 'haproxy/frontend.cfg',
    line: '-:8443',
    becomes: '-:8444',
    found: /compose\.yaml for https says port 8443, and haproxy\/frontend\.cfg listens on 8444/,
  },
];

const checkOf = (name: string) => {
  const check = CHECKS[name];
  if (check === undefined) throw new TypeError(`There is no check "${name}".`);
  return check;
};

describe('the files of deploy/', () => {
  test.each(Object.keys(CHECKS))('are in order (OPS-70): %s', async (name) => {
    expect((await checkOf(name)(DEPLOY)).problems).toEqual([]);
  });
});

describe('a fault in them is found, with file and cause (OPS-70)', () => {
  let copy: string;
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'assent-faulty-'));
    cpSync(DEPLOY, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  // kubectl takes 79 MB, more than all other programs together: these faults are planted where it is there, and it is asked of nobody.
  const planted = FAULTS.filter(({ programs }) => !programs?.includes('kubectl') || !missingPrograms(['kubectl']));
  for (const { check, file, line, becomes, found, programs = [] } of planted) {
    const missing = missingPrograms(programs);
    const what = becomes === '' ? `${file} without ${line.trim()}` : `${file} with ${becomes.trim()}`;
    test.skipIf(missing)(`${what}${missing === undefined ? '' : ` (skipped: ${missing})`}`, async () => {
      const text = readFileSync(join(copy, file), 'utf8');
      expect(text).toContain(line);
      writeFileSync(join(copy, file), text.replaceAll(line, becomes));
      expect((await checkOf(check)(copy)).problems.join('\n')).toMatch(found);
    });
  }
});
