import type { Assent, LoadedSettings } from '@assent/server';
import { Command } from 'commander';
import { CliError } from '../command/cli-error.ts';
import type { CliIo } from '../command/cli-io.ts';
import { type JsonOption, perform, printJson } from '../command/command-run.ts';
import { configFileReader } from '../command/config-file.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { printRefusal } from '../command/print-refusal.ts';
import { ownVersion } from '../command/program-version.ts';
import { addSettingOptions, flagsOf } from '../command/settings-options.ts';
import { firstScreenText } from './first-screen.ts';
import { Reloads } from './reloads.ts';

/** REL-21: what is under way may finish for so long. */
const STOP_MILLIS = 10_000;
const ECHO_MILLIS = 500;

interface ServeOptions extends JsonOption {
  readonly printConfig?: boolean;
}

/** `assent serve`: runs the server until it is told to stop. */
export const serveCommand = async (io: CliIo): Promise<Command> => {
  const server = await import('@assent/server');
  const command = new Command('serve')
    .description(
      'Run the server. Each setting can also be given as the variable in brackets, or in assent.config.json.',
    )
    .option('--print-config', 'print every setting with its value and source, and end')
    .option('--json', 'print one JSON object per line and nothing else');
  return addSettingOptions(command, server.SETTINGS).action((options: ServeOptions) =>
    perform(io, options, async () => {
      const load = () =>
        server.loadSettings({
          flags: flagsOf(server.SETTINGS, { ...options }),
          env: io.env,
          readConfigFile: configFileReader(io.cwd),
        });
      // From here on, so that a signal during the start ends nothing, and what was read before it is read anew.
      const reloads = new Reloads();
      io.onReloadSignal(() => reloads.want());
      const loaded = await load();
      if (options.printConfig === true) return printConfig(io, options, server.describeSettings(loaded));
      const { settings, warnings } = loaded;
      const assent = await server.compose({ settings, warnings }).catch((error: unknown) => {
        // It listens already while it waits for its database.
        throw listenRefusal(error, settings.host, settings.port) ?? error;
      });
      reloads.begin(() => assent.reload(load));
      io.onUncaught((kind, cause) => {
        assent.noteUncaught(kind, cause);
        // What is committed stands, and whoever starts us starts us again (REL-24).
        if (kind === 'exception') io.exit(EXIT.no);
      });
      return serve(io, options, assent, loaded).finally(() => reloads.end());
    }),
  );
};

type Described = ReturnType<typeof import('@assent/server').describeSettings>;

const printConfig = (io: CliIo, { json }: ServeOptions, described: Described): ExitCode => {
  if (json === true) {
    for (const { name, value, source } of described) printJson(io, { setting: { name, value, source } });
    return EXIT.done;
  }
  const nameWidth = Math.max(...described.map(({ name }) => name.length));
  for (const { name, value, source } of described) {
    const shown = Array.isArray(value) ? value.join(', ') || '(none)' : String(value);
    io.stdout.write(`${name.padEnd(nameWidth)}  ${shown}  (${source})\n`);
  }
  return EXIT.done;
};

const serve = async (
  io: CliIo,
  { json }: ServeOptions,
  assent: Assent,
  { settings }: LoadedSettings,
): Promise<ExitCode> => {
  const stopped = stopOnSignal(io, assent, settings.drainSeconds * 1_000);
  try {
    await assent.listen();
  } catch (error) {
    await assent.stop();
    // It was made now and is kept nowhere else, so that it has to be said now.
    const { adminPassword } = assent.firstScreen;
    if (adminPassword !== undefined) sayPassword(io, json === true, adminPassword);
    throw listenRefusal(error, settings.host, settings.port) ?? error;
  }
  if (json === true) printJson(io, { ready: { url: assent.publicUrl, ...assent.firstScreen } });
  else {
    // Standard output is the log, and nothing else.
    io.stderr.write(
      firstScreenText(assent.firstScreen, {
        version: ownVersion(),
        readyInMillis: io.uptimeMillis(),
        hasColour: io.hasColour,
        binary: io.command,
      }),
    );
  }
  const isClean = await Promise.race([
    stopped,
    assent.replaced.then((error) => endReplaced(io, json === true, assent, error)),
  ]);
  // Whatever a library still holds open must not keep a server that has stopped.
  return io.exit(isClean ? EXIT.done : EXIT.no);
};

const sayPassword = (io: CliIo, isJson: boolean, adminPassword: string): void => {
  if (isJson) printJson(io, { adminPassword });
  else io.stderr.write(`The password of amadmin is ${adminPassword} (shown once).\n`);
};

/**
 * Serves on for a while, where there is one, and then ends in order (OPS-33). Resolves with whether everything ended in time.
 */
const stopInOrder = async (io: CliIo, assent: Assent, drainMillis: number): Promise<boolean> => {
  if (drainMillis > 0) {
    assent.drain();
    await io.sleep(drainMillis);
  }
  const late = io.within(STOP_MILLIS).then(() => false);
  return Promise.race([assent.stop().then(() => true), late]);
};

/** Of a server whose database has become another one: it says why it ends, and lets go of it. */
const endReplaced = async (io: CliIo, isJson: boolean, assent: Assent, error: Error): Promise<false> => {
  printRefusal(io, isJson, new CliError('STORE_REFUSED', error.message, 'assent serve', { cause: error }));
  await stopInOrder(io, assent, 0);
  return false;
};

/** The first signal stops in order, the second at once. */
const stopOnSignal = (io: CliIo, assent: Assent, drainMillis: number): Promise<boolean> =>
  new Promise((resolve, reject) => {
    let firstAt: number | undefined;
    io.onStopSignal((signal) => {
      // One Ctrl+C under `npm start` arrives twice: from the terminal, and passed on by npm.
      if (firstAt !== undefined && io.uptimeMillis() - firstAt < ECHO_MILLIS) return;
      if (firstAt !== undefined) io.exit(EXIT.no);
      firstAt = io.uptimeMillis();
      // Ctrl+C is of a person who waits, and has no load balancer before the server.
      stopInOrder(io, assent, signal === 'SIGTERM' ? drainMillis : 0).then(resolve, reject);
    });
  });

/** The ways in which a port can be refused, in words; undefined for other failures. */
const listenRefusal = (error: unknown, host: string, port: number): CliError | undefined => {
  // A file that may not be opened has the codes of a port that may not be used.
  const isOfPort = error instanceof Error && 'syscall' in error && /^(listen|getaddrinfo)$/.test(String(error.syscall));
  const code = isOfPort && 'code' in error ? error.code : undefined;
  // The management port may be the one that is taken.
  if (isOfPort && 'port' in error && typeof error.port === 'number' && error.port !== port) {
    return new CliError(
      'CANNOT_LISTEN',
      `The management port ${error.port} cannot be used (${String(code)}).`,
      'another ASSENT_MANAGEMENT_PORT, or stop what uses the port',
      { cause: error },
    );
  }
  const refusal = (message: string, hint: string) => new CliError('CANNOT_LISTEN', message, hint, { cause: error });
  switch (code) {
    case 'EADDRINUSE':
      return refusal(
        `Port ${port} on ${host} is in use.`,
        `assent serve --port ${port + 1}, or stop what uses the port`,
      );
    case 'EACCES':
      return refusal(`Port ${port} is not allowed to this user.`, 'a port from 1024 on: assent serve --port 8080');
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return refusal(`${host} is no address of this machine.`, 'assent serve --host 127.0.0.1');
    default:
      return undefined;
  }
};
