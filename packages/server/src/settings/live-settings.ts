import { SETTING_NAMES, type SettingName, type Settings, settingOf } from './settings.ts';

/** Those that are read anew while the server runs (OPS-59). */
const LIVE = ['logLevel', 'trustedProxies', 'corsOrigins'] as const satisfies readonly SettingName[];

export const LIVE_SETTINGS: readonly SettingName[] = LIVE;

/** What became of settings that were read anew. */
export interface SettingsChange {
  /** They count from now on. */
  readonly changed: readonly SettingName[];
  /** They are not what the server has started with, and count after a restart alone. */
  readonly waiting: readonly SettingName[];
}

const differ = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** The settings of a running server: those that it has started with, and the few that may change meanwhile. */
export class LiveSettings {
  #current: Settings;

  constructor(settings: Settings) {
    this.#current = settings;
  }

  get current(): Pick<Settings, (typeof LIVE)[number]> {
    return this.#current;
  }

  replace(next: Settings): SettingsChange {
    const before = this.#current;
    const { logLevel, trustedProxies, corsOrigins } = next;
    this.#current = { ...before, logLevel, trustedProxies, corsOrigins };
    const different = SETTING_NAMES.filter((name) => differ(before[name], next[name]));
    return {
      changed: different.filter((name) => LIVE_SETTINGS.includes(name)),
      waiting: different.filter((name) => !LIVE_SETTINGS.includes(name)),
    };
  }
}

/** As operators know them. */
export const variablesOf = (names: readonly SettingName[]): readonly string[] =>
  names.map((name) => settingOf(name).env);
