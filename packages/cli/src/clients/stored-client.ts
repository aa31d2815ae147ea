import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { makeSure, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { issuerNote, obstacles, sentenceOf, table } from './client-output.ts';
import { type ClientOptions, knownClient, type OpenedClients } from './open-clients.ts';

export type DeleteOptions = ClientOptions & YesOption;

const kindOf = ({ isPublic }: { readonly isPublic: boolean }): string => (isPublic ? 'public' : 'confidential');

type ShownSecret = NonNullable<ReturnType<OpenedClients['clients']['find']>>['secrets'][number];

/** What of the secrets may be told: how they were made, and until when an old one is good. */
const secretsOf = (secrets: readonly ShownSecret[]): readonly string[] => {
  if (secrets.length === 0) return ['none'];
  return secrets.map(({ isGenerated, goodUntil }) => {
    const made = isGenerated ? 'set, made by Assent' : 'set, brought along: wrong guesses lock it for a while';
    return goodUntil === undefined ? made : `old, good until ${new Date(goodUntil).toISOString()}`;
  });
};

export const listClients = async ({ io, options, configuration, clients, realm }: OpenedClients): Promise<ExitCode> => {
  for (const { id } of configuration.clients(realm)) {
    const read = clients.read(realm, id);
    if (read === undefined) continue;
    const { client, findings } = read;
    const { isActive, isPublic } = client;
    if (options.json === true) printJson(io, { client: { id, realm, isActive, isPublic } });
    else {
      const notes = [
        kindOf(client),
        ...(isActive ? [] : ['inactive']),
        ...(findings.length > 0 ? ['not all of it works'] : []),
      ];
      io.stdout.write(`${plainText(id)}  (${notes.join(', ')})\n`);
    }
  }
  return EXIT.done;
};

export const showClient = async (opened: OpenedClients, id: string): Promise<ExitCode> => {
  const { io, store, options, clients, realm, issuer } = opened;
  knownClient(opened, id);
  const read = clients.read(realm, id);
  if (read === undefined) return EXIT.no;
  const { client, findings } = read;
  const scopes = client.scopes.map(({ name }) => name);
  const now = (store.clock ?? io).now();
  const good = client.secrets.filter(({ goodUntil = Number.POSITIVE_INFINITY }) => now < goodUntil);
  if (options.json === true) {
    const { isActive, isPublic, redirectUris, grantTypes, responseTypes, requiredAcr } = client;
    const secrets = good.map(({ isGenerated, goodUntil }) => ({
      isGenerated,
      ...(goodUntil !== undefined && { goodUntil: new Date(goodUntil).toISOString() }),
    }));
    const shown = { isActive, isPublic, redirectUris, scopes, grantTypes, responseTypes, requiredAcr, secrets };
    printJson(io, { client: { id, realm, issuer, ...shown, findings: findings.map(sentenceOf) } });
    return EXIT.done;
  }
  const named = (name: string, values: readonly string[]) => values.map((value) => [name, value] as const);
  io.stdout.write(`${plainText(id)}\n`);
  io.stdout.write(
    table([
      ['issuer', issuer],
      ['realm', realm],
      ['kind', `${kindOf(client)}${client.isActive ? '' : ', inactive'}`],
      ...named('name', Object.values(client.name)),
      ...named('redirect', client.redirectUris),
      ...named('after sign-out', client.postLogoutRedirectUris),
      ['scopes', scopes.join(' ')],
      ['grants', client.grantTypes.join(' ')],
      ...named('sign-in by', client.requiredAcr === undefined ? [] : [client.requiredAcr]),
      ...named('secret', client.isPublic ? [] : secretsOf(good)),
    ]),
  );
  io.stdout.write(obstacles(findings));
  io.stdout.write(issuerNote(opened.isIssuerGuessed, id));
  return EXIT.done;
};

export const deleteClient = async (opened: OpenedClients<DeleteOptions>, id: string): Promise<ExitCode> => {
  const { io, server, options, writes, realm, actor } = opened;
  knownClient(opened, id);
  const question = `Delete ${plainText(id)}? Its users will have to sign in to something else.`;
  await makeSure(opened, question, 'Nothing was deleted.');
  await writes.decided(() => server.deletedClient(knownClient(opened, id), actor));
  if (options.json === true) printJson(io, { client: { id, realm } });
  else
    io.stdout.write(
      `The client ${plainText(id)} was deleted from the realm ${realm}, with all that was granted to it.\n`,
    );
  return EXIT.done;
};
