import type { ClientKind } from '@assent/server';
import { isClientId, parseClient } from '@assent/wire';
import { CliError } from '../command/cli-error.ts';
import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { issuerNote, table } from './client-output.ts';
import { digestedSecret, type SecretOptions, secretOf } from './client-secret.ts';
import type { OpenedClients, StoredClient } from './open-clients.ts';

export interface CreateOptions extends SecretOptions {
  readonly spa?: boolean;
  readonly native?: boolean;
  readonly web?: boolean;
  readonly service?: boolean;
  readonly device?: boolean;
  readonly redirect?: readonly string[];
  readonly postLogout?: readonly string[];
  readonly backchannelLogout?: string;
  readonly scope?: readonly string[];
  readonly name?: string;
  readonly acr?: string;
  readonly alg: string;
  readonly askConsent?: boolean;
}

const KINDS: readonly ClientKind[] = ['spa', 'native', 'web', 'service', 'device'];

const refuse = (sentence: string, fix?: string): never => {
  throw new CliError('USAGE', sentence, fix);
};

const kindOf = (options: CreateOptions): ClientKind => {
  const named = KINDS.filter((kind) => options[kind] === true);
  if (named.length > 1) {
    refuse(`An application is of one kind, not of ${named.map((kind) => `--${kind}`).join(' and ')}.`);
  }
  return named[0] ?? 'web';
};

/** The addresses of an option, none of which anything is wrong with. */
const usable = (server: OpenedClients['server'], option: string, uris: readonly string[] = []): readonly string[] => {
  for (const uri of uris) {
    const fault = server.redirectUriFault(uri);
    if (fault !== undefined) refuse(`${option} ${plainText(uri)} ${fault}.`);
  }
  return uris;
};

/** A scope by itself, or several in the form of a request. */
const scopesOf = (given: readonly string[] | undefined, kind: ClientKind): readonly string[] => {
  const scopes = given?.flatMap((text) => text.split(/\s+/)).filter((scope) => scope !== '');
  for (const scope of scopes ?? []) {
    // RFC 6749 §3.3; AM's lists have a bar between a scope and its text.
    if (!/^[\x21\x23-\x5b\x5d-\x7b\x7d\x7e]+$/.test(scope))
      refuse(`--scope ${plainText(scope)} is no name of a scope.`);
  }
  return [...new Set(scopes ?? (kind === 'service' ? [] : ['openid', 'profile', 'email']))];
};

const documentOf = (opened: OpenedClients<CreateOptions>, kind: ClientKind): StoredClient['document'] => {
  const { server, options, clients, configuration, realm } = opened;
  const { acr, alg, name, backchannelLogout } = options;
  const redirectUris = usable(server, '--redirect', options.redirect);
  if (kind === 'service' && redirectUris.length > 0) {
    refuse('--redirect is for applications that people sign in to, and --service is for those without people.');
  }
  if (kind === 'device' && redirectUris.length > 0) {
    refuse(
      '--redirect is for applications with a browser, and --device is for those whose people use that of another.',
    );
  }
  if (server.comesBackInBrowser(kind) && redirectUris.length === 0) {
    refuse(
      '--redirect is missing: people have to come back from signing in.',
      '--redirect https://app.example.com/callback',
    );
  }
  if (alg !== 'RS256' && alg !== 'ES256') refuse(`--alg ${plainText(alg)} is none: it is RS256 or ES256.`);
  const settings = configuration.realm(realm);
  const known = settings === undefined ? [] : [...clients.settings(settings).treeOfAcr.keys()];
  if (acr !== undefined && !known.includes(acr)) {
    const classes = known.length === 0 ? 'There are none' : `Known are ${known.map(plainText).join(', ')}`;
    refuse(
      `--acr ${plainText(acr)} is no class that a journey stands for in the realm ${realm}. ${classes}.`,
      'map it to a journey in loaMapping: assent realm set-service oauth-oidc --file FILE',
    );
  }
  if (backchannelLogout !== undefined) {
    usable(server, '--backchannel-logout', [backchannelLogout]);
    if (!server.isCallable(backchannelLogout)) {
      refuse(
        `--backchannel-logout ${plainText(backchannelLogout)} must begin with https://, since the server calls it.`,
      );
    }
  }
  const document = server.newClientDocument({
    kind,
    redirectUris,
    postLogoutRedirectUris: usable(server, '--post-logout', options.postLogout),
    scopes: scopesOf(options.scope, kind),
    algorithm: alg === 'ES256' ? 'ES256' : 'RS256',
    asksConsent: options.askConsent === true,
    ...(backchannelLogout !== undefined && { backchannelLogoutUri: backchannelLogout }),
    ...(name !== undefined && { name }),
    ...(acr !== undefined && { requiredAcr: acr }),
  });
  const checked = parseClient(document);
  return 'reason' in checked ? refuse(checked.reason) : document;
};

/** Makes a client, and prints what its application has to be told. */
export const createClient = async (opened: OpenedClients<CreateOptions>, id: string): Promise<ExitCode> => {
  const { io, server, options, configuration, writes, realm, issuer, actor } = opened;
  if (!isClientId(id))
    refuse(`${plainText(id)} cannot be the id of a client: it has 1 to 255 printable letters of ASCII.`);
  const kind = kindOf(options);
  const document = documentOf(opened, kind);
  const isPublic = server.isPublicKind(kind);
  if (isPublic && options.secretStdin === true) {
    refuse(`--secret-stdin is not for --${kind}: what is on the devices of people can keep no secret.`, 'leave it out');
  }
  const secret = isPublic ? undefined : await secretOf(io, server, options);
  const client: StoredClient = {
    realm,
    id,
    document,
    ...(secret !== undefined && { secretDigest: server.withSecret(undefined, await digestedSecret(opened, secret)) }),
  };
  await writes.decided(() => {
    if (configuration.client(realm, id) === undefined) return server.savedClient(undefined, client, actor);
    throw new CliError(
      'EXISTS',
      `There is a client ${plainText(id)} in the realm ${realm} already.`,
      `assent client show ${plainText(id)}, or another id`,
    );
  });
  const told = { id, realm, issuer, ...(secret !== undefined && { secret: secret.text }) };
  if (options.json === true) {
    printJson(io, { client: told });
    return EXIT.done;
  }
  io.stdout.write(`The client ${plainText(id)} was created in the realm ${realm}. Its application needs:\n`);
  io.stdout.write(
    table([
      ['issuer', issuer],
      ['client id', id],
      ...(secret === undefined ? [] : [['secret', secret.text] as const]),
      ...(options.redirect ?? []).map((uri) => ['redirect', uri] as const),
    ]),
  );
  if (secret !== undefined) io.stdout.write('The secret is shown once. assent client rotate-secret makes another.\n');
  io.stdout.write(issuerNote(opened.isIssuerGuessed, id));
  if (options.backchannelLogout?.startsWith('http:')) {
    io.stdout.write('Its logout address is on this machine, and called by a server that runs with --insecure alone.\n');
  }
  return EXIT.done;
};
