import { existsSync } from 'node:fs';
import { masterKeyId } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';
import { KeyWork } from './due-work.ts';

export interface MasterOptions extends JsonOption {
  readonly newKeyFile?: string;
}

const LIST = 'assent key list';

/** `assent key rotate --master`: all keys that seal go under another one, in one commit (SEC-75, F17). */
export const rotateMaster = async (stored: Stored<MasterOptions>): Promise<ExitCode> => {
  const { io, server, settings, store, options } = stored;
  const { newKeyFile } = options;
  const isInFile = settings.masterKey === undefined;
  if (isInFile && newKeyFile !== undefined) {
    throw new CliError(
      'USAGE',
      'The master key is in the data directory, where its next one is made: leave --new-key-file out.',
    );
  }
  if (!isInFile && newKeyFile === undefined) {
    throw new CliError(
      'USAGE',
      'The master key is set by ASSENT_MASTER_KEY: the new one has to come from where that one is kept.',
      'openssl rand -base64 32 > FILE, then assent key rotate --master --new-key-file FILE',
    );
  }
  const formerFile = server.formerMasterKeyFile(settings);
  const refuseReplaced = (): void => {
    if (!isInFile || !existsSync(formerFile)) return;
    throw new CliError(
      'IN_USE',
      `The master key was replaced before, and the one before that is in ${plainText(formerFile)} still, which backups from then need: keep it where they are. Nothing was changed.`,
      'assent key destroy --master',
    );
  };
  // Whoever does it again, since the first time was cut off, must not lose the key of all backups by it.
  refuseReplaced();
  const before = await store.keys.master();
  const key = newKeyFile === undefined ? server.prepareMasterKey(settings) : server.masterKeyIn(newKeyFile);
  // And whoever does it at the same time: where another has done all of it since the first look, the key was made for nothing.
  refuseReplaced();
  const id = masterKeyId(key);
  // Whoever does it once more, since nothing told how it had ended, is told that it is done.
  if (!(await store.keys.changeMaster(key, { ...new KeyWork(stored).order(), from: before?.id ?? '' }))) {
    throw new CliError('IN_USE', 'Another process has replaced the master key meanwhile. Nothing was changed.', LIST);
  }
  if (isInFile) server.takeOverMasterKey(settings, id);
  if (options.json === true) {
    printJson(io, { key: { kind: 'master', id, status: 'active', formerId: before?.id } });
    return EXIT.done;
  }
  const former = before?.id === id ? before.formerId : before?.id;
  io.stdout.write(
    `All keys lie under the master key ${id} now${former === undefined ? '' : `, and no more under ${former}`}.\n`,
  );
  io.stdout.write(
    isInFile
      ? `It is in the data directory; the one before is in ${formerFile}. Backups from before need that one: keep it where they are, then assent key destroy --master.\n`
      : `Set ASSENT_MASTER_KEY, or the file that ASSENT_MASTER_KEY_FILE names, to what is in ${plainText(newKeyFile ?? '')} for every server, and start one after the other anew. Those that run go on meanwhile. Backups from before need the key before.\n`,
  );
  return EXIT.done;
};
