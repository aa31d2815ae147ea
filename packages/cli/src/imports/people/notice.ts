import type { DeviceReason } from '../devices/devices-of-person.ts';

const OF_DEVICES = {
  DEVICE_SEALED: 'A device is encrypted; --device-key names the private key of AM that opens it.',
  DEVICE_KEY: 'A device does not open with that key; the realm of AM may have had another one.',
  DEVICE_FORM: 'A device lacks what it is known by; let the user connect it again.',
  DEVICE_UNFINISHED: 'A phone was shown a code and never connected.',
  DEVICE_PRIVATE:
    'The key of a device stands there with its private half, which nobody else was to have; let the user connect another.',
  DEVICE_ALGORITHM: 'A device signs in a way that is not taken here; let the user connect another.',
  DEVICE_TWICE: 'A device stood in the file before, of somebody else or once more; the first one counts.',
  DEVICE_LIMIT: 'The user has more devices than maxDevices of the realm allows; the newest came.',
  CODES_SCHEME: 'Recovery codes are kept in a way that is not known here; let the user make new ones.',
} as const satisfies Record<DeviceReason, string>;

/** What does not come along of a user, or why the user does not, with a sentence for people. */
const SENTENCES = {
  ...OF_DEVICES,
  EXISTS: 'There is a user of that name already, who stays as he is.',
  ERASED: 'The user was erased here, and stays so; --with-erased brings the user all the same, under another id.',
  HAS_ROLES: 'Who has roles here stays as he is: somebody else may have had the name there.',
  NAME_TWICE: 'The name stood in the file before; the first one counts.',
  NAME_MISSING: 'The entry has no name; --name-attribute says which attribute it is in.',
  NAME_UNUSABLE: 'The name cannot be a user’s: it is too long, or has / \\ ; % or invisible characters.',
  DIRECTORY_ACCOUNT:
    'The entry has privileges in the directory, as what AM binds with has; such an account is no user here.',
  NOT_STORED: 'What was to be written was refused; run the import again.',
  TOO_LARGE: 'The attributes of the user are larger together than those of one user may be; shorten or remove some.',
  PASSWORD_SCHEME: 'The scheme of the password is not known here; let the user choose another password.',
  PASSWORD_FORM: 'The hash of the password is not of its scheme; let the user choose another password.',
  PASSWORD_COST: 'It would take too long to check the hash of the password; let the user choose another password.',
  PASSWORD_IN_CLEAR: 'The password stands there in clear, so it is not taken; let the user choose another one.',
  PASSWORD_LEFT_OUT: 'The file has no secrets, so the user comes without a password and has to be given one.',
  DEVICES_LEFT_OUT:
    'The file has no secrets, so phones, generators, passkeys, bound devices and recovery codes of the user did not come.',
  DEVICE_TAKEN: 'Somebody else here has a device of that id; let the user connect another.',
  ID_TAKEN: 'Somebody here has the id of the user, so applications that know the user by it see another one.',
  ID_ERASED:
    'The user was erased here, and comes under another id, so applications that know the old one see somebody else.',
  CONSENT_CLIENT: 'The user has agreed to an application that the realm does not have.',
  MUST_CHANGE_PASSWORD: 'The user was to choose another password at the next sign-in, and is not asked to here.',
  ACCOUNT_ENDS: 'The account was to end by itself at some time, and does not here.',
  ACCOUNT_LOCKED: 'The account was locked for a while after wrong passwords, and is not here.',
  STATUS_UNKNOWN: 'The state of the account is none that is known, so the account is not in use.',
  ATTRIBUTE_NOT_TAKEN: 'Attributes that say what somebody may do, or prove, are not taken from a file.',
  ATTRIBUTE_UNUSABLE:
    'An attribute here has a name of up to 64 letters and digits, and up to 100 texts of 4096 characters.',
  ATTRIBUTE_NO_TEXT: 'A value is no text, or stands in another file.',
} as const;

export type Reason = keyof typeof SENTENCES;

/** Without any value of the file: names of users, of attributes and of schemes are all that it tells. */
export interface Notice {
  readonly user: string;
  readonly reason: Reason;
  /** Which attribute, scheme or kind of device. */
  readonly detail?: string;
}

export const sentenceOf = (reason: Reason): string => SENTENCES[reason];
