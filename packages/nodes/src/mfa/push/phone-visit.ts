import type {
  Action,
  AuditDetail,
  Clock,
  Identity,
  Localized,
  RealmSettings,
  SentCallback,
  ValueOf,
} from '@assent/engine';
import type { PushDevices, PushMessages } from '@assent/push';
import type * as key from '../../state-keys.ts';
import type {
  PendingPhoneKey,
  PhoneRegistrationConfig,
  PhoneRegistrationError,
  PhoneRegistrationOutcome,
  PhoneRegistrationText,
} from './phone-registration.ts';

type PhoneKey = PendingPhoneKey | typeof key.recoveryCodes | typeof key.recoveryCodeDeviceName;

/** What a visit ends with: another step for the browser, or an outcome. */
export type PhoneStep = Action<PhoneRegistrationOutcome>;

/** One visit of a node that registers a phone. */
export interface PhoneVisit {
  readonly identity: Identity;
  readonly config: PhoneRegistrationConfig;
  readonly realm: RealmSettings;
  readonly ports: { readonly clock: Clock; readonly pushDevices: PushDevices; readonly pushMessages: PushMessages };
  readonly state: {
    get<K extends PendingPhoneKey>(key: K): ValueOf<K> | undefined;
    set<K extends PhoneKey>(key: K, value: ValueOf<K>): void;
    remove(key: PendingPhoneKey): void;
  };
  /** The user pressed the button that ends the wait. */
  readonly isLeaving: boolean;
  text(id: PhoneRegistrationText, own?: Localized, values?: Readonly<Record<string, string>>): string;
  fail(id: PhoneRegistrationError, values?: Readonly<Record<string, string>>, cause?: unknown): never;
  report(id: PhoneRegistrationError, values?: Readonly<Record<string, string>>, cause?: unknown): void;
  goTo(outcome: PhoneRegistrationOutcome, detail?: AuditDetail): PhoneStep;
  send(...callbacks: readonly SentCallback[]): Action<never>;
}

/** What belongs to the phone in one node only. */
export interface RegisteredBeside {
  /** The reason for which no phone may be added any more, although one has answered. */
  obstacle(): Promise<string | undefined>;
  /** Stages what is stored in the same commit, and returns the recovery codes that come with it. */
  store(): Promise<readonly string[]>;
}
