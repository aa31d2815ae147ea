import { useId } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { type LanguageChoice, LanguageChooser } from '../../kit/language/language-chooser.tsx';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import type { PhoneSettings } from '../accounts/phone-store.ts';
import type { Phone, PhoneView } from '../model/phone.ts';
import { say } from '../texts/say.ts';
import type { PhoneTextId } from '../texts/texts.en.ts';
import { Screen } from './screen.tsx';

const themes = [
  ['system', 'settingsThemeSystem'],
  ['light', 'settingsThemeLight'],
  ['dark', 'settingsThemeDark'],
] as const satisfies readonly (readonly [PhoneSettings['theme'], PhoneTextId])[];

const ringTexts: Readonly<Record<PhoneView['ring'], PhoneTextId>> = {
  impossible: 'settingsRingImpossible',
  denied: 'settingsRingDenied',
  'not-asked': 'settingsRingOff',
  possible: 'settingsRingOff',
};

/** What its owner can choose for this phone. */
export const SettingsScreen = ({
  phone,
  view,
  languages,
  isFragile,
}: {
  readonly phone: Phone;
  readonly view: PhoneView;
  readonly languages: LanguageChoice;
  /** The browser has not promised to keep what the phone needs. */
  readonly isFragile: boolean;
}) => {
  const theme = useId();
  const { settings, ring, canVerify, accounts, dropped } = view;
  const rings = ring === 'possible' && accounts.some(({ push }) => push?.channel.type === 'webpush');
  const turnOn = async (): Promise<void> => {
    if (!(await phone.ring())) announce('alert', say('ringFailed'));
  };
  const verify = async (isOn: boolean): Promise<void> => {
    if (!(await phone.alwaysVerify(isOn))) announce('alert', say('settingsVerifyFailed'));
  };
  return (
    <Screen title={say('navSettings')}>
      {isFragile ? <Note tone="warn">{say('settingsFragile')}</Note> : null}
      <section class="k-stack">
        <h2>{say('settingsRing')}</h2>
        <p>{say(rings ? 'settingsRingOn' : ringTexts[ring])}</p>
        {!rings && (ring === 'not-asked' || ring === 'possible') ? (
          <Button fit onPress={() => void turnOn()}>
            {say('ringOn')}
          </Button>
        ) : null}
      </section>
      <section class="k-stack">
        <h2>{say('settingsSafety')}</h2>
        {canVerify ? (
          <label class="k-check">
            <input
              type="checkbox"
              checked={settings.alwaysVerifies}
              onChange={({ currentTarget }) => {
                const { checked } = currentTarget;
                // It changes when the person has proved to be there, and not before.
                currentTarget.checked = settings.alwaysVerifies;
                void verify(checked);
              }}
            />
            <span>{say('settingsVerify')}</span>
          </label>
        ) : (
          <p class="k-muted">{say('settingsVerifyImpossible')}</p>
        )}
        <label class="k-check">
          <input
            type="checkbox"
            checked={settings.hidesCodes}
            onChange={({ currentTarget }) => void phone.changeSettings({ hidesCodes: currentTarget.checked })}
          />
          <span>{say('settingsHide')}</span>
        </label>
      </section>
      <section class="k-stack">
        <h2>{say('settingsAppearance')}</h2>
        <div class="k-field">
          <label for={theme}>{say('settingsTheme')}</label>
          <select
            id={theme}
            class="k-input"
            value={settings.theme}
            onChange={({ currentTarget: { value } }) => {
              const chosen = themes.find(([name]) => name === value)?.[0];
              if (chosen !== undefined) void phone.changeSettings({ theme: chosen });
            }}
          >
            {themes.map(([name, text]) => (
              <option key={name} value={name}>
                {say(text)}
              </option>
            ))}
          </select>
        </div>
        <LanguageChooser {...languages} />
      </section>
      <section class="k-stack">
        <h2>{say('settingsMoveHeading')}</h2>
        <p>{say('settingsMove')}</p>
      </section>
      <section class="k-stack">
        <h2>{say('settingsDiagnostics')}</h2>
        <p>{say('settingsDropped', { n: dropped })}</p>
      </section>
    </Screen>
  );
};
