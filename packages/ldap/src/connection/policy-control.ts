import { type BerReader, Control } from 'ldapts';

/** What a password policy says beside a bind. */
export const POLICY_ERRORS = [
  'passwordExpired',
  'accountLocked',
  'changeAfterReset',
  'passwordModNotAllowed',
  'mustSupplyOldPassword',
  'insufficientPasswordQuality',
  'passwordTooShort',
  'passwordTooYoung',
  'passwordInHistory',
  'passwordTooLong',
] as const;

export type PolicyError = (typeof POLICY_ERRORS)[number];

const WARNING = 0xa0;
const ERROR = 0x81;

/** Asks for what the password policy says, and holds it afterwards (draft-behera-ldap-password-policy §6). */
export class PolicyControl extends Control {
  error: PolicyError | undefined;

  constructor() {
    super('1.3.6.1.4.1.42.2.27.8.5.1');
  }

  protected override parseControl(reader: BerReader): void {
    if (reader.remain === 0 || reader.readSequence() === null) return;
    const end = reader.offset + reader.length;
    if (reader.offset < end && reader.peek() === WARNING) {
      reader.readSequence(WARNING);
      reader.offset += reader.length;
    }
    if (reader.offset < end && reader.peek() === ERROR) {
      const value = reader.readString(ERROR, true);
      this.error = POLICY_ERRORS[value?.at(-1) ?? POLICY_ERRORS.length];
    }
  }
}
