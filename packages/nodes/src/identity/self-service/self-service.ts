import { type Configuration, type Localized, localized, madeOnce, port } from '@assent/engine';
import type { ReadOnlyAdapter } from '@assent/engine/host';
import { z } from 'zod';

/** Names of the realm services, as AM's identity management names these pieces of its configuration. */
export const TERMS_SERVICE = 'selfservice.terms';
export const SECURITY_QUESTIONS_SERVICE = 'selfservice.kba';
/** AM's text, with the service that it means: AM's text alone does not say where to look. */
export const NO_SECURITY_QUESTIONS = `Failed to retrieve configuration values: the realm service ${SECURITY_QUESTIONS_SERVICE} does not exist or has settings that cannot be used`;
/** Ours: identity management takes these from its synchronisation mappings. */
export const CONSENT_SERVICE = 'selfservice.consent';

/** Terms and conditions, with the versions of before. */
export const termsService = z
  .object({
    active: z.string().min(1).meta({ title: 'Active Version', description: 'The version that users have to accept.' }),
    versions: z
      .array(
        z.object({
          version: z.string().min(1),
          termsTranslations: localized(),
          createDate: z.iso.datetime(),
        }),
      )
      .min(1)
      .max(100)
      .meta({ title: 'Versions', description: 'Texts by language, and since when they are there.' }),
    uiConfig: z.record(z.string(), z.unknown()).default({}).meta({
      title: 'Page Settings',
      description: 'Kept for the pages of an import; no page of ours reads it.',
    }),
  })
  .superRefine(({ active, versions }, context) => {
    const shown = versions.find(({ version }) => version === active);
    if (shown !== undefined && Object.keys(shown.termsTranslations).length > 0) return;
    const message = 'The active version must be one of the versions, and have a text.';
    context.addIssue({ code: 'custom', path: ['active'], message });
  });

/** Security questions, and how many a user has to answer. */
export const securityQuestionsService = z
  .object({
    kbaPropertyName: z.literal('kbaInfo').default('kbaInfo').meta({
      title: 'Attribute',
      description: 'Where questions and hashed answers are kept with the user.',
    }),
    questions: z.record(z.string().min(1), localized()).default({}).meta({
      title: 'Questions',
      description: 'Texts by language, by the id of the question.',
    }),
    minimumAnswersToDefine: z.int().min(1).max(10).default(1).meta({
      title: 'Answers To Define',
      description: 'How many questions a user has to set up.',
    }),
    minimumAnswersToVerify: z.int().min(1).max(10).default(1).meta({
      title: 'Answers To Verify',
      description: 'How many of them a user is asked.',
    }),
    numberOfAttemptsAllowed: z.int().min(1).optional().meta({
      title: 'Attempts',
      description:
        'How many wrong answers a caller may give within a day: with one more, KBA Verification answers "Maximum attempts exceeded" until the oldest is a day old. Each known browser, known address and network address of strangers counts for itself. It has no effect without an attempts attribute. The limits of security answers hold in any case.',
    }),
    kbaAttemptsPropertyName: z
      .string()
      .regex(/^[A-Za-z][\w.-]{0,63}$/)
      .optional()
      .meta({
        title: 'Attempts Attribute',
        description:
          'The attribute of the user that counts wrong answers since the last right one, up to one more than the attempts. It is for administrators, and for PingAM at the same directory: no caller is refused because of it.',
      }),
  })
  .refine((service) => service.minimumAnswersToVerify <= service.minimumAnswersToDefine, {
    path: ['minimumAnswersToVerify'],
    message: 'No more answers can be verified than are defined.',
  });

export type SecurityQuestions = z.output<typeof securityQuestionsService>;

/** How many wrong answers the realm allows one place within a day; undefined where it sets no number, or names no attribute for it. */
export const wrongAnswersAllowed = (settings: SecurityQuestions | undefined): number | undefined =>
  settings?.kbaAttemptsPropertyName === undefined ? undefined : settings.numberOfAttemptsAllowed;

const consentMapping = z.object({
  name: z.string().min(1),
  displayName: z.string().min(1),
  icon: z.string().nullable().default(null),
  accessLevel: z.string().default(''),
  fields: z.array(z.object({ attribute: z.string(), title: z.string() })).default([]),
});

/** With whom profiles are shared, once users have said yes. */
export const consentService = z.object({
  mappings: z
    .array(consentMapping)
    .max(40)
    .default([])
    .meta({ title: 'Mappings', description: 'With whom which attributes are shared.' }),
});

export type ConsentMapping = z.output<typeof consentMapping>;

export interface ActiveTerms {
  readonly version: string;
  readonly terms: Localized;
  /** ISO 8601. */
  readonly createDate: string;
}

/** What a realm has set up for its users to do by themselves; undefined where it has not. */
export interface SelfService {
  terms(): ActiveTerms | undefined;
  securityQuestions(): SecurityQuestions | undefined;
  consentMappings(): readonly ConsentMapping[] | undefined;
}

type Stored = Readonly<Record<string, unknown>>;
const readTerms = madeOnce((stored: Stored) => termsService.safeParse(stored).data);
const readConsent = madeOnce((stored: Stored) => consentService.safeParse(stored).data);
/** By what the service stores; undefined where it cannot be used. */
export const readSecurityQuestions = madeOnce((stored: Stored) => securityQuestionsService.safeParse(stored).data);

export const selfService = port<SelfService>()('selfService', 'reads');

export const selfServiceAdapter =
  (configuration: Pick<Configuration, 'service'>): ReadOnlyAdapter<SelfService> =>
  ({ realm }) => {
    const read = <T>(type: string, from: (stored: Stored) => T): T | undefined => {
      const document = configuration.service(realm.realm, type);
      return document && from(document.config);
    };
    return {
      terms() {
        const service = read(TERMS_SERVICE, readTerms);
        const shown = service?.versions.find(({ version }) => version === service.active);
        return shown && { version: shown.version, terms: shown.termsTranslations, createDate: shown.createDate };
      },
      securityQuestions: () => read(SECURITY_QUESTIONS_SERVICE, readSecurityQuestions),
      consentMappings: () => read(CONSENT_SERVICE, readConsent)?.mappings,
    };
  };
