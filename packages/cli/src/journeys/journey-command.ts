import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { addStoreOptions, realmPath, type Stored, settingsOf, withStore } from '../command/stored.ts';
import { type CheckOptions, checkFiles, checkRealm } from './journey-check.ts';

interface ListOptions extends JsonOption {
  readonly realm?: string;
}

/** `assent journey …`: reads files, or the store of a server that may run meanwhile; changes nothing. */
export const journeyCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  const journey = new Command('journey').description('Check and list journeys.');

  addStoreOptions(
    journey
      .command('check')
      .description(
        'Tell what is wrong with journeys: of export files, of a realm, or of files as they would be in one.',
      )
      .argument('[files...]', 'exports by frodo or AM; - is stdin')
      .option('--realm <path>', 'a realm of the server, such as /alpha')
      .option('--strict', 'take every finding as an error'),
    server,
  ).action((files: string[], options: CheckOptions) => {
    if (options.realm !== undefined) return inStore(options, (stored) => checkRealm(stored, files));
    return perform(io, options, async () => {
      if (files.length === 0) {
        throw new CliError(
          'USAGE',
          'There is nothing to check: name files, or a realm.',
          'assent journey check --realm /',
        );
      }
      const { settings } = await settingsOf(io, server, options);
      return checkFiles({ io, server, settings, options }, files);
    });
  });
  addStoreOptions(
    journey
      .command('list')
      .description('List the journeys of a realm, or of all.')
      .option('--realm <path>', 'such as /alpha'),
    server,
  ).action((options: ListOptions) => inStore(options, listJourneys));
  return journey;
};

const listJourneys = async ({ io, store, options }: Stored<ListOptions>): Promise<ExitCode> => {
  const { realms, trees } = await store.configuration.load();
  const path = options.realm === undefined ? undefined : realmPath(options.realm);
  if (path !== undefined && !realms.some(({ realm }) => realm === path)) {
    throw new CliError('NO_REALM', `There is no realm ${plainText(path)}.`, 'assent realm list');
  }
  const listed = trees
    .filter(({ realm }) => path === undefined || realm === path)
    .sort((a, b) => (`${a.realm}\n${a.name}` < `${b.realm}\n${b.name}` ? -1 : 1));
  for (const { realm, name, version, tree } of listed) {
    const { enabled, innerTreeOnly } = tree;
    if (options.json === true) {
      printJson(io, {
        journey: { realm, name, version, enabled, innerTreeOnly, nodes: Object.keys(tree.nodes).length },
      });
      continue;
    }
    const remark = [...(enabled ? [] : ['switched off']), ...(innerTreeOnly ? ['inner only'] : [])].join(', ');
    io.stdout.write(`${path === undefined ? `${realm}  ` : ''}${plainText(name)}${remark && `  (${remark})`}\n`);
  }
  return EXIT.done;
};
