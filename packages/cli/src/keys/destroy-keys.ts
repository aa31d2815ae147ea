import { existsSync, unlinkSync } from 'node:fs';
import { isSealingKind, type KeyState } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import { makeSure, type YesOption } from '../command/make-sure.ts';
import { plainText } from '../command/plain-text.ts';
import type { Stored } from '../command/stored.ts';
import { KeyWork, recordsOf, time } from './due-work.ts';

export interface DestroyOptions extends JsonOption, YesOption {
  readonly retired?: boolean;
  readonly master?: boolean;
  readonly withRecords?: boolean;
}

type Given = DestroyOptions & { readonly kind?: string; readonly id?: string };

const LIST = 'assent key list';

/** `assent key destroy`: what was made with the key is good for nothing from then on (SEC-75, SEC-76). */
export const destroyKeys = async (stored: Stored<Given>): Promise<ExitCode> => {
  const { options } = stored;
  const { kind, id, retired, master } = options;
  const isOne = kind !== undefined && id !== undefined;
  const given = [isOne, retired === true, master === true].filter((it) => it).length;
  if (given !== 1 || (kind !== undefined && !isOne))
    throw new CliError('USAGE', 'Say which key: its kind and its number, or --retired, or --master.', LIST);
  return master === true ? destroyFormerMaster(stored) : destroyRetired(stored);
};

const destroyRetired = async (stored: Stored<Given>): Promise<ExitCode> => {
  const { io, store, options } = stored;
  const work = new KeyWork(stored);
  // What is due, and no server has done because none runs.
  await work.catchUp();
  const keys = (await store.keys.list()).filter(
    (key) => options.retired === true || (key.kind === options.kind && String(key.id) === options.id),
  );
  if (options.retired !== true && keys.length === 0) {
    throw new CliError('NO_ENTRY', `There is no key ${plainText(`${options.kind} ${options.id}`)}.`, LIST);
  }
  const chosen = options.retired === true ? keys.filter(({ status }) => status === 'retired') : keys;
  for (const key of chosen) await refuseInUse(stored, key);
  if (chosen.length > 0) await confirmed(stored, chosen.map(({ kind, id }) => `${kind} ${id}`).join(', '));
  for (const { kind, id } of chosen) {
    if (!(await store.keys.destroy(kind, id, work.order())))
      throw new CliError('IN_USE', `The key ${kind} ${id} is not retired any more, or was destroyed meanwhile.`, LIST);
    if (options.json === true) printJson(io, { destroyed: { kind, id: String(id) } });
    else io.stdout.write(`The key ${kind} ${id} is destroyed.\n`);
  }
  if (chosen.length === 0 && options.json !== true) io.stdout.write('No key is retired.\n');
  return EXIT.done;
};

/** Throws where something rests on the key. */
const refuseInUse = async ({ store, options }: Stored<Given>, key: KeyState): Promise<void> => {
  const { kind, id, status, goodUntil } = key;
  const records = (await recordsOf(store, key)) ?? 0;
  if (status === 'retired' && records > 0 && options.withRecords !== true) {
    throw new CliError(
      'IN_USE',
      `${records} records lie under the key ${kind} ${id}, and it does not open them: they were changed, or moved (SEAL_BROKEN in the trail tells which). Nothing was destroyed.`,
      'assent key destroy … --with-records, to give them up',
    );
  }
  if (status === 'retired') return;
  const why = {
    next: 'it is to be used next',
    active: 'it is in use',
    retiring: isSealingKind(kind)
      ? `${records} records lie under it; servers seal them anew, and retire it a minute after the last`
      : `what it has signed is good until ${time(goodUntil ?? 0)}`,
  }[status];
  throw new CliError('IN_USE', `The key ${kind} ${id} is not retired: ${why}. Nothing was destroyed.`, LIST);
};

const confirmed = (stored: Stored<Given>, what: string): Promise<void> =>
  makeSure(stored, `Destroy ${what} for good?`, 'Nothing was destroyed.');

const destroyFormerMaster = async (stored: Stored<Given>): Promise<ExitCode> => {
  const { io, server, settings, options } = stored;
  const file = server.formerMasterKeyFile(settings);
  if (settings.masterKey !== undefined)
    throw new CliError('USAGE', 'The master key is set by ASSENT_MASTER_KEY: delete the one before where you keep it.');
  if (!existsSync(file))
    throw new CliError('NO_ENTRY', `There is no ${file}: the master key was not replaced, or that is done.`, LIST);
  await confirmed(stored, `${file}, which backups from before the rotation need,`);
  unlinkSync(file);
  if (options.json === true) printJson(io, { destroyed: { kind: 'master', file } });
  else io.stdout.write(`${file} is deleted.\n`);
  return EXIT.done;
};
