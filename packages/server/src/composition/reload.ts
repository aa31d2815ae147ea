import type { Logger } from '../platform/log.ts';
import { checkPasswordFile } from '../platform/open-store.ts';
import { type LiveSettings, variablesOf } from '../settings/live-settings.ts';
import { type LoadedSettings, SettingsRefused } from '../settings/load-settings.ts';
import type { Settings } from '../settings/settings.ts';

export interface ReloadDependencies {
  readonly live: LiveSettings;
  readonly log: Logger;
  /** Has values of secrets that services name read anew. */
  readonly rereadSecrets: () => void;
  /** Reads files that are kept in memory; throws where one is wrong, and they count from when the result is called. */
  readonly readFiles: () => () => void;
}

/** Checks every file that is read again anyway, at each connect, so that a wrong one is told of now and not at the next. */
const checkConnectFiles = ({ databasePasswordFile }: Settings): void => {
  if (databasePasswordFile !== undefined) checkPasswordFile(databasePasswordFile);
};

/**
 * Reads the settings anew (OPS-59). Wrong ones are refused as a whole, and those before stay; of what needs a restart the log says the names. Never
 * fails: whoever sends a signal hears of it in the log alone.
 */
export const reload = async (
  { live, log, readFiles, rereadSecrets }: ReloadDependencies,
  load: () => Promise<LoadedSettings>,
): Promise<void> => {
  try {
    const { settings, warnings } = await load();
    checkConnectFiles(settings);
    const takeOver = readFiles();
    const { changed, waiting } = live.replace(settings);
    takeOver();
    rereadSecrets();
    log.level = live.current.logLevel;
    for (const problem of warnings) log.warn({ problem }, 'A setting works, and should be mended.');
    log.info({ settings: variablesOf(changed) }, 'The settings and files of secrets were read anew.');
    if (waiting.length > 0) {
      log.warn(
        { settings: variablesOf(waiting) },
        'These settings are not what the server has started with. They count after a restart.',
      );
    }
  } catch (error) {
    const problems =
      error instanceof SettingsRefused ? error.problems : [error instanceof Error ? error.message : String(error)];
    log.error({ problems }, 'The settings were not read anew, as they are wrong: those before stay.');
  }
};
