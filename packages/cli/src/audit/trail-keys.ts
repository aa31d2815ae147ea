import { CHECKPOINT_KEY, type CheckpointPublicKey, checkpointKeyFrom } from '@assent/store';
import { CliError } from '../command/cli-error.ts';
import { type JsonOption, printJson } from '../command/command-run.ts';
import { EXIT, type ExitCode } from '../command/exit-code.ts';
import type { Stored } from '../command/stored.ts';

/** Of the store; undefined before the first server that seals has started on it. */
export const publicKeyOf = async ({
  store,
}: Pick<Stored<unknown>, 'store'>): Promise<CheckpointPublicKey | undefined> => {
  const seed = await store.secrets.get(CHECKPOINT_KEY);
  return seed && checkpointKeyFrom(seed).publicKey;
};

/** `assent audit key`: a JWK, whether asked for or not, since a program reads it next. */
export const showKey = async (stored: Stored<JsonOption>): Promise<ExitCode> => {
  const key = await publicKeyOf(stored);
  if (key === undefined) {
    throw new CliError('NO_DATA', 'There is no key yet: the first server that starts makes it.', 'assent serve');
  }
  printJson(stored.io, key);
  return EXIT.done;
};
