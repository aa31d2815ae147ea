import { hiddenValueCallback, metadataCallback, type SentCallback, textOutputCallback } from '@assent/engine';
import type {
  AuthenticatorAttachment,
  AuthenticatorFlags,
  CreationOptionsJson,
  NamedCredential,
  Passkey,
  RequestOptionsJson,
} from '@assent/factors';
import { OUTCOME_ID } from './ceremony-script.ts';

/** Member `assent.webauthn` of a step. */
type OwnPageCeremony =
  | { readonly kind: 'create'; readonly options: CreationOptionsJson; readonly mediation?: 'conditional' }
  | {
      readonly kind: 'get';
      readonly options: RequestOptionsJson;
      readonly mediation?: 'conditional';
      /** Which option of the ConfirmationCallback stands for the browser's own question. */
      readonly button?: number;
    };

/** What the user reads while the authenticator is asked, and the ceremony in the form that the settings want (spec: webauthn §3). */
export const webauthnStep = (
  asScript: boolean,
  {
    script,
    waitingScript,
    data,
    forPages,
  }: {
    script(): string;
    waitingScript(): string;
    data(): unknown;
    /** In the standard's own form, for our own pages, which run no script of a step (spec: webauthn §10.2). */
    readonly forPages: OwnPageCeremony;
  },
): readonly SentCallback[] => [
  ...(asScript
    ? [
        textOutputCallback({ message: script(), messageType: 4 }),
        textOutputCallback({ message: waitingScript(), messageType: 4 }),
      ]
    : [metadataCallback({ data: data() })]),
  { ...hiddenValueCallback({ value: 'false', id: OUTCOME_ID }), forPages: { webauthn: forPages } },
];

export const namedCredential = ({ credentialId, transports }: Passkey): NamedCredential => ({
  id: credentialId,
  transports,
});

/** What a script wants authenticators to be asked for; undefined where it is no map. */
export const extensionsOf = (given: unknown): Readonly<Record<string, unknown>> | undefined => {
  if (given === undefined || given === null) return {};
  return typeof given === 'object' && !Array.isArray(given) ? (given as Record<string, unknown>) : undefined;
};

/** What scripts learn of an authenticator (spec: webauthn §1). The attachment is as the client says. */
export const authenticatorInfo = (flags: AuthenticatorFlags, attachment: AuthenticatorAttachment | undefined) => ({
  flags: { ...flags },
  ...(attachment !== undefined && { authenticatorAttachment: attachment }),
});
