import { connect as connectTls } from 'node:tls';
import type { Settings } from '@assent/server';
import type { CliIo } from '../command/cli-io.ts';
import { plainText } from '../command/plain-text.ts';
import { type Finding, ok, problem, warning } from './check.ts';

const DAY = 24 * 3_600_000;
/** Who renews by hand needs some notice; who renews by ACME has renewed by then. */
const CERTIFICATE_NOTICE_DAYS = 14;
const CALL_MILLIS = 5_000;
/** Where a server tells what became of the addresses that its proxy has named. */
const FORWARDED = 'x-assent-forwarded';

type Surroundings = Pick<CliIo, 'fetch' | 'now'>;

/** Whether the address that everybody uses leads to an Assent, by a certificate that lasts and a proxy that says who calls (OPS-51). */
export const checkPublicUrl = async (
  { publicUrl, port: ownPort }: Pick<Settings, 'publicUrl' | 'port'>,
  { fetch, now }: Surroundings,
): Promise<readonly Finding[]> => {
  const { protocol, hostname, port } = new URL(publicUrl);
  const isSecure = protocol === 'https:';
  const publicPort = Number(port || (isSecure ? 443 : 80));
  // A server speaks http: by https, or at another port than its own, there is a proxy.
  if (!isSecure && publicPort === ownPort) return [];
  const ask = (path: string) =>
    fetch(`${publicUrl}/${path}`, { redirect: 'error', signal: AbortSignal.timeout(CALL_MILLIS) });
  try {
    const response = await ask('health/ready');
    const { status } = (await response.json()) as { readonly status?: unknown };
    if (status === undefined) throw new TypeError('what answers there is not Assent');
    return [
      ok('public URL', plainText(`${publicUrl} leads to an Assent that says: ${String(status)}.`)),
      nameFinding((await ask('json/serverinfo/*')).status),
      forwardedFinding(response.headers.get(FORWARDED)),
      ...(isSecure ? certificateFinding(await certificateEnd(hostname, publicPort), now()) : []),
    ];
  } catch (error) {
    return [unreachable(publicUrl, error)];
  }
};

/** A server answers by its own name alone, so that nobody can have it make links to another (SEC-08). */
const nameFinding = (status: number): Finding =>
  status === 400
    ? problem(
        'proxy',
        'The proxy does not pass on by which name it was called, so that the server refuses every request.',
        'let the proxy keep the header Host; or let it set X-Forwarded-Host, and name its address by --trusted-proxies (ASSENT_TRUSTED_PROXIES)',
      )
    : ok('proxy', 'The proxy passes on by which name it was called.');

/** Without the addresses of callers, all users are one place, and the guesses of one lock all of them out. */
const forwardedFinding = (forwarded: string | null): Finding => {
  if (forwarded === 'believed') return ok('proxy', 'The proxy says who calls, and is believed.');
  return forwarded === 'ignored'
    ? problem(
        'proxy',
        'The proxy says who calls by X-Forwarded-For, and is not believed: all users seem to come from its address.',
        'set --trusted-proxies (ASSENT_TRUSTED_PROXIES) to the address of the proxy, as this server sees it',
      )
    : warning(
        'proxy',
        'The proxy does not say who calls: all users seem to come from its address.',
        'let the proxy set X-Forwarded-For, and name its address by --trusted-proxies (ASSENT_TRUSTED_PROXIES)',
      );
};

/** What keeps us from it, by the words of Node, and what to do about it. */
const FAULTS: readonly { readonly says: RegExp; readonly fix: string }[] = [
  { says: /CERT_HAS_EXPIRED/, fix: 'renew the certificate, and let the proxy load it' },
  { says: /CERT_NOT_YET_VALID/, fix: 'set the clock of this machine, or wait until the certificate is in force' },
  { says: /ALTNAME/, fix: 'let the proxy show a certificate for the name in --public-url (ASSENT_PUBLIC_URL)' },
  {
    says: /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/,
    fix: 'let the proxy show its certificate with its whole chain; one of an authority of your own is believed by NODE_EXTRA_CA_CERTS',
  },
  {
    says: /./s,
    fix: 'start the server, then look at the name, the proxy and the firewall; or set --public-url (ASSENT_PUBLIC_URL)',
  },
];

const unreachable = (publicUrl: string, error: unknown): Finding => {
  const { cause, message } = error as { readonly cause?: { readonly code?: string }; readonly message?: string };
  const why = cause?.code ?? message ?? 'no cause';
  return problem(
    'public URL',
    plainText(`${publicUrl} does not lead to this server from here (${why}).`),
    FAULTS.find(({ says }) => says.test(why))?.fix,
  );
};

const certificateEnd = (host: string, port: number): Promise<number | undefined> =>
  new Promise((resolve) => {
    const socket = connectTls({ host, port, servername: host, timeout: 3_000 }, () => {
      const end = Date.parse(socket.getPeerCertificate().valid_to ?? '');
      socket.destroy();
      resolve(Number.isNaN(end) ? undefined : end);
    });
    for (const event of ['error', 'timeout'] as const) {
      socket.once(event, () => {
        socket.destroy();
        resolve(undefined);
      });
    }
  });

/**
 * What there is to say of a certificate that ends then; undefined where none was seen.
 *
 * @internal A test needs no certificate of each age.
 */
export const certificateFinding = (end: number | undefined, now: number): readonly Finding[] => {
  if (end === undefined) return [];
  const days = Math.floor((end - now) / DAY);
  const day = new Date(end).toISOString().slice(0, 10);
  return [
    days < CERTIFICATE_NOTICE_DAYS
      ? warning('certificate', `It runs out on ${day}, in ${days} days.`, 'renew it, and let the proxy load it')
      : ok('certificate', `It is good until ${day}.`),
  ];
};
