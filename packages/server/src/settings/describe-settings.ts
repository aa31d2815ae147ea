import type { LoadedSettings } from './load-settings.ts';
import { urlWithoutPassword } from './setting-values.ts';
import { SETTING_NAMES, type SettingName, settingOf } from './settings.ts';

/** One setting as `assent serve --print-config` shows it. */
export interface DescribedSetting {
  readonly name: SettingName;
  readonly env: string;
  readonly flag: string | undefined;
  readonly value: unknown;
  readonly source: string;
  readonly description: string;
}

/** Every setting with its value and where that came from; the values of secrets are masked. */
export const describeSettings = ({ settings, sources }: LoadedSettings): readonly DescribedSetting[] =>
  SETTING_NAMES.map((name) => {
    const { env, flag, isSecret, withoutPassword, description, defaultText } = settingOf(name);
    const stored = settings[name];
    const given = withoutPassword && typeof stored === 'string' ? urlWithoutPassword(stored) : stored;
    const value = given === undefined ? (defaultText ?? '') : isSecret ? '********' : given;
    return { name, env, flag, value, source: sources[name], description };
  });
