import { clock, defineNode, identities, needed, optional } from '@assent/engine';
import { z } from 'zod';
import { scripts } from '../scripting/scripts.ts';
import { deviceProfile, realm, username } from '../state-keys.ts';
import { onStoreFailure } from '../store-failure.ts';
import { ATTRIBUTE_REQUIRED, USER_UNUSABLE } from './device/collected-profile.ts';
import {
  differencesBetween,
  PROFILES_ATTRIBUTE,
  savedProfiles,
  withSavedProfile,
  workOnProfiles,
} from './device/saved-profiles.ts';

const DAY = 24 * 3_600_000;
/** What AM writes where no script is chosen. */
const NO_SCRIPT = '[Empty]';

const OUTCOMES = { true: 'True', false: 'False', unknownDevice: 'Unknown Device' } as const;
type Outcome = keyof typeof OUTCOMES;

/** Tells whether the user has been seen with this device. @see spec: nodes-mfa §6.2 */
export const deviceMatch = defineNode({
  type: 'DeviceMatchNode',
  title: 'Device Match',
  help: 'Compares the collected device with those that were saved for the user.',
  tags: ['contextual'],

  config: z.object({
    acceptableVariance: z.int().min(0).default(0).meta({
      title: 'Acceptable Variance',
      description: 'In how many values the device may differ from the saved one and still be the same.',
    }),
    expiration: z.int().min(1).default(30).meta({
      title: 'Expiration',
      description: 'After how many days without use a saved device no longer counts.',
    }),
    useScript: z.boolean().default(false).meta({
      title: 'Use Custom Matching Script',
      description: 'Let the script below decide, in place of the two settings above.',
    }),
    script: z.string().default(NO_SCRIPT).meta({
      title: 'Custom Matching Script',
      description:
        'The id of a script of this realm. It finds the saved devices in the shared state as deviceProfiles.',
    }),
  }),

  outcomes: OUTCOMES,
  inputs: [optional(realm), needed(username), needed(deviceProfile)],
  script: ({ useScript, script }) => (useScript ? script : undefined),
  uses: [clock, identities, scripts],
  errors: {
    attributeRequired: ATTRIBUTE_REQUIRED,
    userUnusable: USER_UNUSABLE,
    notRead: 'Failed to read the device profiles',
    noScript: 'Data validation failed for the attribute, Script',
    scriptFailed: 'The script "{{script}}" failed: {{message}}',
    invalidOutcome: "Invalid outcome from script, '{{outcome}}'",
  },

  async process({ config, state, ports, beginWork, log, fail, goTo }) {
    const profile = state.get(deviceProfile) ?? {};
    const need = (attribute: string): unknown => profile[attribute] ?? fail('attributeRequired', { attribute });
    const identifier = String(need('identifier'));
    const name = state.get(username);
    const trouble = (cause: unknown) => fail('notRead', {}, cause);
    const identity = name === undefined ? undefined : await onStoreFailure(() => ports.identities.find(name), trouble);
    if (identity === undefined || !identity.active) return fail('userUnusable');
    const values = identity.attributes[PROFILES_ATTRIBUTE] ?? [];
    await beginWork(workOnProfiles(values));

    if (config.useScript) {
      const script = ports.scripts.find(config.script) ?? fail('noScript');
      const shared = {
        [deviceProfile.keyName]: profile,
        [username.keyName]: identity.username,
        [PROFILES_ATTRIBUTE]: savedProfiles(values),
      };
      const run = await ports.scripts.run(script, {
        shared,
        transient: {},
        secure: {},
        callbacks: [],
        users: {},
        requestHeaders: {},
        requestParameters: {},
        requestCookies: {},
      });
      for (const { level, text } of run.logs) log(level, text, { script: script.name });
      if ('failure' in run) return fail('scriptFailed', { script: script.name, message: run.failure.message });
      // The script decides, and nothing else that it wants is done: this node promises to change nothing.
      const outcome = run.result.outcome ?? 'null';
      return isOutcome(outcome)
        ? goTo(outcome, { script: script.name })
        : fail('invalidOutcome', { outcome: outcome.slice(0, 256) });
    }

    const metadata = need('metadata');
    const saved = savedProfiles(values).find((it) => it.identifier === identifier);
    if (saved?.metadata === undefined) return goTo('unknownDevice');
    const now = ports.clock.now();
    if (now - saved.lastSelectedDate > config.expiration * DAY) return goTo('false', { expired: true });
    const differences = differencesBetween(saved.metadata, metadata);
    const used = (all: readonly string[]) =>
      withSavedProfile(all, { ...saved, lastSelectedDate: now }, Math.max(1, all.length));
    await onStoreFailure(() => ports.identities.update(identity.username, PROFILES_ATTRIBUTE, used), trouble);
    return goTo(differences <= config.acceptableVariance ? 'true' : 'false', { differences });
  },
});

const isOutcome = (text: string): text is Outcome => Object.hasOwn(OUTCOMES, text);
