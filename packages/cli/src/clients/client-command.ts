import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { yesOption } from '../command/make-sure.ts';
import { addStoreOptions, withStore } from '../command/stored.ts';
import { type RotateOptions, rotateSecret } from './client-secret.ts';
import { type CreateOptions, createClient } from './create-client.ts';
import { importClients } from './import-clients.ts';
import { type ClientOptions, openClients } from './open-clients.ts';
import { type DeleteOptions, deleteClient, listClients, showClient } from './stored-client.ts';

const all = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** `assent client …`: works on the store directly, also while the server runs. */
export const clientCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const client = new Command('client').description(
    'Create, show, import and delete applications that people sign in to.',
  );
  const subcommand = (name: string, description: string): Command =>
    addStoreOptions(client.command(name).description(description), server).option(
      '--realm <realm>',
      'the realm of the client, such as /alpha',
      '/',
    );
  const work = <O extends ClientOptions>(options: O, action: Parameters<typeof openClients<O>>[1]): Promise<void> =>
    inStore(options, (stored) => openClients(stored, action));

  subcommand('create', 'Create a client, and print what its application needs.')
    .argument('<id>', 'what the application calls itself: its client_id')
    .option('--spa', 'pages in a browser without a server of their own')
    .option('--native', 'an app on a phone or a computer')
    .option('--web', 'a server that people use in a browser (unless another kind is named)')
    .option('--service', 'a server that asks for tokens in its own name')
    .option('--device', 'what has no browser, such as a television; people sign in to it on their phone')
    .option('--redirect <uri>', 'where people come back to after they have signed in; may be given again', all)
    .option('--post-logout <uri>', 'where people come back to after they have signed out; may be given again', all)
    .option('--backchannel-logout <uri>', 'what is called when a user has signed out')
    .option('--scope <scope>', 'what it may ask for; may be given again (openid, profile and email unless one is)', all)
    .option('--name <name>', 'what people read of it')
    .option('--acr <class>', 'how everybody has to sign in, such as push')
    .option('--alg <algorithm>', 'what its ID tokens are signed with: RS256 or ES256', 'RS256')
    .option('--ask-consent', 'ask users whether they agree')
    .option('--secret-stdin', 'read its secret from stdin instead of making one')
    .action((id: string, options: CreateOptions) => work(options, (opened) => createClient(opened, id)));
  subcommand('list', 'List the clients of a realm.').action((options: ClientOptions) => work(options, listClients));
  subcommand('show', 'Show a client, and what of it does not work here.')
    .argument('<id>', 'its client_id')
    .action((id: string, options: ClientOptions) => work(options, (opened) => showClient(opened, id)));
  subcommand('rotate-secret', 'Give a client another secret, and end the old one at once or after a time.')
    .argument('<id>', 'its client_id')
    .option('--secret-stdin', 'read the secret from stdin instead of making one')
    .option('--keep-old <time>', 'how long the old secret stays good, such as 30m, 24h or 7d; 30 days at most')
    .action((id: string, options: RotateOptions) => work(options, (opened) => rotateSecret(opened, id)));
  subcommand('delete', 'Delete a client, and end everything that was granted to it.')
    .argument('<id>', 'its client_id')
    .addOption(yesOption())
    .action((id: string, options: DeleteOptions) => work(options, (opened) => deleteClient(opened, id)));
  subcommand(
    'import',
    'Import the clients of an export from PingAM, made by frodo, and say what of them does not work here.',
  )
    .argument('<file>', 'such as the one that frodo oauth client export writes')
    .action((file: string, options: ClientOptions) => work(options, (opened) => importClients(opened, file)));
  return client;
};
