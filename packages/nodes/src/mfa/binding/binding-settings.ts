import { localized, type SettingsRemark } from '@assent/engine';
import { OUTCOMES_OF_BINDING } from '@assent/factors';
import { z } from 'zod';

// What the nodes declare alike that ask an app on a phone to sign (spec: webauthn §7).

const MAX_APPLICATIONS = 100;
const MAX_NAME_LENGTH = 256;
const MAX_CLIENT_ERRORS = 50;

/** What the app shows while it asks for a finger or a PIN. */
export const promptConfig = {
  title: localized().meta({
    title: 'Title',
    description: 'What the app shows as the title when it asks its user, by language.',
  }),
  subtitle: localized().meta({ title: 'Subtitle', description: 'What the app shows below the title, by language.' }),
  description: localized().meta({ title: 'Description', description: 'What the app says besides, by language.' }),
};

/** AM's words, which tests of the apps look for. */
export const promptTexts = {
  title: 'Authentication required',
  subtitle: 'Cryptography device binding',
  description: 'Please complete with biometric to proceed',
} as const;

export const applicationIds = z.array(z.string().max(MAX_NAME_LENGTH)).max(MAX_APPLICATIONS).default([]).meta({
  title: 'Application IDs',
  description:
    'Package names of Android apps and bundle ids of iOS apps whose answers count. Of an empty list, none does.',
});

/** J-P6: whatever answers fails (spec: webauthn §10.4, WA-42). */
export const remarksOnApplications = (config: {
  readonly applicationIds: readonly string[];
}): readonly SettingsRemark[] =>
  config.applicationIds.some((name) => name !== '')
    ? []
    : [
        {
          code: 'J-P6',
          severity: 'error',
          what: 'lists no app whose answers count, so that all of them fail',
          fix: 'Put the package names of your Android apps and the bundle ids of your iOS apps into applicationIds.',
        },
      ];

/** In seconds; 0 and 5 occur in exports. */
export const timeout = z.int().min(0).max(86_400).default(60).meta({
  title: 'Timeout',
  description: 'How many seconds the app may take to ask its user and to sign.',
});

/** Errors of the app that are outcomes of the node, each by its own text (WA-40). */
export const clientErrorOutcomes = (names: readonly string[]) =>
  z
    .array(
      z
        .string()
        .min(1)
        .max(MAX_NAME_LENGTH)
        .refine((name) => !OUTCOMES_OF_BINDING.has(name), {
          error: `No error of an app may be called ${[...OUTCOMES_OF_BINDING].join(', ')}: those are the node's own outcomes.`,
        }),
    )
    .max(MAX_CLIENT_ERRORS)
    .default([...names])
    .meta({
      title: 'Client Error Outcomes',
      description:
        'What an app may say that it cannot do, word by word; each is an outcome. Other words lead to Failure.',
    });

/** One outcome for each of them, called what it is. */
export const outcomesOfErrors = (names: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(names.map((name) => [name, name]));
