/** What a program imports from `assent` that runs a server itself, such as the tests of an application. */
export {
  type Assent,
  type ComposeOptions,
  compose,
  type LoadedSettings,
  loadSettings,
  type Settings,
  SettingsRefused,
  type SettingsSources,
} from '@assent/server';
