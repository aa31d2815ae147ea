import { type Identity, localized } from '@assent/engine';
import { z } from 'zod';

/** Values of `accountName` and the attribute each stands for (spec: nodes-mfa §3.1). */
const ACCOUNT_NAME_ATTRIBUTES = {
  COMMON_NAME: 'cn',
  EMAIL_ADDRESS: 'mail',
  EMPLOYEE_NUMBER: 'employeeNumber',
  GIVEN_NAME: 'givenName',
  LAST_NAME: 'sn',
  // No store has this attribute: the user name itself is taken.
  USERNAME: '_username',
} as const;

type AccountName = keyof typeof ACCOUNT_NAME_ATTRIBUTES;
const ACCOUNT_NAMES = Object.keys(ACCOUNT_NAME_ATTRIBUTES) as [AccountName, ...AccountName[]];

/** Settings that all registration nodes have. */
export const mfaRegistrationConfig = {
  issuer: z
    .string()
    .min(1)
    // It stands before the account in the label of a registration URI, parted by a colon (spec: push-protocol §2).
    .refine((issuer) => !issuer.includes(':'), 'An issuer cannot contain a colon. Take the colon out.')
    .default('ForgeRock')
    .meta({
      title: 'Issuer',
      description: 'The name of your service, as the phone shows it.',
    }),
  accountName: z.enum(ACCOUNT_NAMES).default('USERNAME').meta({
    title: 'Account Name',
    description: 'What the phone shows as the name of the account.',
  }),
  bgColor: z.string().default('032b75').meta({
    title: 'Background Color',
    description: 'Behind the logo on the phone: six hexadecimal digits.',
  }),
  imgUrl: z.string().default('').meta({ title: 'Logo Image URL', description: 'The logo that the phone shows.' }),
  generateRecoveryCodes: z.boolean().default(true).meta({
    title: 'Generate Recovery Codes',
    description: 'Make codes that let the user in without the phone. A Recovery Code Display node shows them.',
  }),
  scanQRCodeMessage: localized().meta({
    title: 'QR code message',
    description: 'What the user reads above the code, by language.',
  }),
};

/** What the phone calls the account: the attribute's first value, or else the user name. */
export const accountNameOf = (identity: Identity, accountName: AccountName): string =>
  identity.attributes[ACCOUNT_NAME_ATTRIBUTES[accountName]]?.find((value) => value.trim() !== '') ?? identity.username;

/** A colour that a registration URI can carry; an imported one may be anything, and it is only decoration. */
export const backgroundColorOf = (bgColor: string): string => {
  const digits = bgColor.replace(/^#/, '');
  return /^[0-9a-f]{6}$/i.test(digits) ? digits : '032b75';
};
