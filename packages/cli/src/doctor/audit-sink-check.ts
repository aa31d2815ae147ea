import { resolve } from 'node:path';
import type { Store } from '@assent/store';
import { plainText } from '../command/plain-text.ts';
import { type Examined, type Finding, ok, problem, warning } from './check.ts';

/** Longer than a server takes that goes on for another, which may have been killed a moment ago. */
const MAX_LAG_SECONDS = 120;

const REMEDIES: readonly (readonly [cause: RegExp, remedy: string])[] = [
  [/may (?:not )?be called/, 'list its host in --private-hosts (ASSENT_PRIVATE_HOSTS) of every server'],
  [/EACCES|EPERM|EROFS/, 'let the user of the server write there, or name another place in ASSENT_AUDIT_SINK'],
  [
    /no plain file|ENOENT|ENOTDIR/,
    'name a file in a folder that is there, in ASSENT_AUDIT_SINK or ASSENT_AUDIT_SINK_CA',
  ],
  [
    /certificate|self.signed|altnames|SSL|TLS/i,
    'name the authority of its certificate: in ASSENT_AUDIT_SINK_CA for syslog, in NODE_EXTRA_CA_CERTS for a webhook',
  ],
];

const remedyFor = (cause: string): string =>
  REMEDIES.find(([pattern]) => pattern.test(cause))?.[1] ??
  'start the receiver, let this machine call it, or name another one in ASSENT_AUDIT_SINK';

const ageOf = (seconds: number): string =>
  seconds < 7_200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 3_600)} hours`;

/** Whether the sink can be reached, and how old the oldest row is that it has not taken (OPS-51, OPS-58). */
export const checkAuditSink = async (
  { io, server, settings }: Examined,
  { auditFeed, clock }: Pick<Store, 'auditFeed' | 'clock'>,
): Promise<readonly Finding[]> => {
  const name = 'audit sink';
  const { auditSink = '' } = settings;
  // As a server has it that is started here.
  const path = /^file:(.+)$/s.exec(auditSink)?.[1];
  const looked = await server.lookAtAuditSink(
    path === undefined ? settings : { ...settings, auditSink: `file:${resolve(io.cwd, path)}` },
  );
  if (looked === undefined) return [];
  const { sink, cause } = looked;
  const findings = [
    cause === undefined
      ? ok(name, plainText(`${sink} can be reached; nothing was sent to find that out.`))
      : problem(
          name,
          plainText(`${sink} cannot be reached: ${cause}. Rows of the audit trail wait in the database.`),
          remedyFor(cause),
        ),
  ];
  const oldest = await auditFeed.oldestUnsent();
  const lag = oldest === undefined ? 0 : ((clock?.now() ?? io.now()) - oldest) / 1_000;
  if (lag <= MAX_LAG_SECONDS) return findings;
  return [
    ...findings,
    warning(
      name,
      `A row of the audit trail has not been taken for ${ageOf(lag)}; those after it wait, too.`,
      'start a server that has this sink; where one runs, its log says why: "The audit trail could not be sent on."',
    ),
  ];
};
