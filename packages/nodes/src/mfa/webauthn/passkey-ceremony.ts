import { type Action, hiddenValueCallback, type SentCallback, type ValueOf } from '@assent/engine';
import type { ClientAnswer, PasskeyRefusal, Passkeys, RelyingParty, RelyingPartySettings } from '@assent/factors';
import * as key from '../../state-keys.ts';
import { type ceremonyErrors, lowerCase, type USER_VERIFICATION } from './webauthn-settings.ts';
import { extensionsOf } from './webauthn-step.ts';

/** One visit of a node that makes a passkey or asks for one. */
interface CeremonyVisit<Outcome extends string> {
  readonly config: RelyingPartySettings & {
    readonly userVerificationRequirement: (typeof USER_VERIFICATION)[number];
    readonly timeout: number;
  };
  readonly ports: { readonly passkeys: Passkeys };
  readonly journey: { newChallenge(): string };
  readonly state: {
    get(name: typeof key.webAuthnExtensions): ValueOf<typeof key.webAuthnExtensions> | undefined;
    set(name: typeof key.webAuthenticationDomException, value: string): void;
  };
  readonly sent: readonly SentCallback[];
  answered(callback: typeof hiddenValueCallback): string | undefined;
  fail(id: keyof typeof ceremonyErrors): never;
  report(id: 'refused' | 'noRelyingParty', values?: Readonly<Record<string, string>>): void;
  goTo(outcome: 'unsupported' | 'failure' | 'error'): Action<Outcome>;
  send(...callbacks: readonly SentCallback[]): Action<never>;
}

/** What both ceremonies ask for and read alike. */
export interface PasskeyCeremony<Outcome extends string> {
  readonly relyingParty: RelyingParty;
  readonly userVerification: Lowercase<(typeof USER_VERIFICATION)[number]>;
  /** The members that both requests have, with a new challenge. */
  asked(): {
    readonly challenge: string;
    readonly timeoutMillis: number;
    readonly userVerification: Lowercase<(typeof USER_VERIFICATION)[number]>;
    readonly extensions: Readonly<Record<string, unknown>>;
  };
  /** The answer is a failure, counts against the place that it comes from, and the log says why; clients do not learn it. */
  refuse(reason: PasskeyRefusal, userId: string | undefined, detail?: string): Action<Outcome>;
  /** Goes by what the client says; `begin` where it has not been asked yet. */
  read<Credential>(
    parse: (text: string) => ClientAnswer<Credential>,
    userId: string | undefined,
    next: {
      begin(): Action<never>;
      /** Where the client has said nothing yet, in place of the same step again. */
      pending?(): Action<never> | undefined;
      finish(credential: Credential, text: string): Promise<Action<Outcome>>;
    },
  ): Action<Outcome> | Promise<Action<Outcome>>;
}

/** Undefined where no passkey can be made or used at this address, which no client can help: the log says why. */
export const passkeyCeremony = <Outcome extends string>(
  visit: CeremonyVisit<Outcome>,
): PasskeyCeremony<Outcome> | undefined => {
  const { config, ports, journey, state, sent, answered, fail, report, goTo, send } = visit;
  const relyingParty = ports.passkeys.relyingParty(config);
  if (relyingParty === undefined) {
    report('noRelyingParty');
    return undefined;
  }
  const userVerification = lowerCase(config.userVerificationRequirement);
  const refuse: PasskeyCeremony<Outcome>['refuse'] = (reason, userId, detail) => {
    ports.passkeys.refused(userId, reason);
    report('refused', { reason: detail === undefined ? reason : `${reason} (${detail})` });
    return goTo('failure');
  };
  return {
    relyingParty,
    userVerification,
    asked: () => ({
      challenge: journey.newChallenge(),
      timeoutMillis: config.timeout * 1_000,
      userVerification,
      extensions: extensionsOf(state.get(key.webAuthnExtensions)) ?? fail('extensions'),
    }),
    refuse,
    read(parse, userId, { begin, pending, finish }) {
      const text = answered(hiddenValueCallback);
      if (text === undefined) return begin();
      const answer = parse(text);
      switch (answer.kind) {
        case 'pending':
          return pending?.() ?? send(...sent);
        case 'unsupported':
          return goTo('unsupported');
        case 'clientError':
          state.set(key.webAuthenticationDomException, `${answer.name}:${answer.message}`);
          return goTo('error');
        case 'refused':
          return refuse('answer', userId, answer.reason);
        case 'credential':
          return finish(answer.credential, text);
      }
    },
  };
};
