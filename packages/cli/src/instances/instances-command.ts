import { Command } from 'commander';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import { addStoreOptions, type Stored, withStore } from '../command/stored.ts';

/** `assent instances`: which servers share the store, and where they differ (OPS-31). */
export const instancesCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const inStore = withStore(io, server);
  return addStoreOptions(
    new Command('instances').description(
      'List the servers that share the database, and where they differ and should not.',
    ),
    server,
  ).action((options: JsonOption) => inStore(options, listInstances));
};

type Listed = Awaited<ReturnType<Stored<JsonOption>['store']['instances']['list']>>[number];

const time = (millis: number): string => new Date(millis).toISOString();

const lineOf = ({ name, host, version, startedAt, configurationVersion }: Listed, seen: string): string =>
  plainText(
    `${name}  on ${host}  version ${version}  since ${time(startedAt)}  configuration ${configurationVersion}  ${seen}`,
  );

const listInstances = async ({ io, server, store, options }: Stored<JsonOption>): Promise<ExitCode> => {
  const instances = await store.instances.list();
  const now = (store.clock ?? io).now();
  const differences = server.differencesAmong(instances, now);
  for (const instance of instances) {
    const { name, host, version, startedAt, seenAt, configurationVersion } = instance;
    const isGone = server.isGone(instance, now);
    if (options.json === true) {
      const times = { startedAt: time(startedAt), seenAt: time(seenAt) };
      printJson(io, { instance: { name, host, version, configurationVersion, ...times, isGone } });
    } else {
      const seconds = Math.max(0, Math.round((now - seenAt) / 1_000));
      io.stdout.write(`${lineOf(instance, isGone ? `GONE for ${seconds} s` : `seen ${seconds} s ago`)}\n`);
    }
  }
  for (const difference of differences) {
    if (options.json === true) printJson(io, { difference });
    else io.stdout.write(plainText(`They differ in ${server.textOfDifference(difference)}`).concat('\n'));
  }
  if (options.json !== true && instances.length === 0)
    io.stdout.write('No server has told of itself in the last hour.\n');
  return differences.length > 0 ? EXIT.no : EXIT.done;
};
