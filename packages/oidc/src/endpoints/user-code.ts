import type { Random } from '@assent/engine';
import type { UserCodeForm } from '../model/provider.ts';
import type { ProviderPorts } from '../provider-ports.ts';

const GROUP = 4;

/** What a user types who has a device before them. */
export const newUserCode = (random: Random, { length, signs }: UserCodeForm): string =>
  Array.from({ length }, () => signs[random.int(signs.length)]).join('');

/** As the device shows it. */
export const shownUserCode = (code: string): string => code.match(new RegExp(`.{1,${GROUP}}`, 'g'))?.join('-') ?? '';

/** What was typed, without what people add: small letters, blanks and hyphens do not matter. */
export const typedUserCode = (text: string): string =>
  text
    .toUpperCase()
    .replaceAll(/[^A-Z0-9]/g, '')
    .slice(0, 32);

/** What is kept of it; the codes are few enough to try them all, so a key of the server stands behind it. */
export const userCodeDigest = (
  { digestOfSecret }: Pick<ProviderPorts, 'digestOfSecret'>,
  realm: string,
  code: string,
): string => Buffer.from(digestOfSecret(`user code\n${realm}\n${code}`)).toString('base64url');
