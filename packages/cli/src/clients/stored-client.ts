import { printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { makeSure, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import { obstacles, sentenceOf, table } from './client-output.ts';
import { type ClientOptions, knownClient, type OpenedClients } from './open-clients.ts';

export type DeleteOptions = ClientOptions & YesOption;

const kindOf = ({ isPublic }: { readonly isPublic: boolean }): string => (isPublic ? 'public' : 'confidential');

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
  const { io, options, clients, realm, issuer } = opened;
  knownClient(opened, id);
  const read = clients.read(realm, id);
  if (read === undefined) return EXIT.no;
  const { client, findings } = read;
  const scopes = client.scopes.map(({ name }) => name);
  if (options.json === true) {
    const { isActive, isPublic, redirectUris, grantTypes, responseTypes, requiredAcr } = client;
    const shown = { isActive, isPublic, redirectUris, scopes, grantTypes, responseTypes, requiredAcr };
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
      ...(client.isPublic ? [] : [['secret', client.secretDigest === undefined ? 'none' : 'set'] as const]),
    ]),
  );
  io.stdout.write(obstacles(findings));
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
