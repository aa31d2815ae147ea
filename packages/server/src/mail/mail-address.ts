import { z } from 'zod';

/** RFC 5321 §4.5.3.1.3. */
const MAX_ADDRESS_LENGTH = 254;

const bareAddress = z.email().max(MAX_ADDRESS_LENGTH);

/** `a@b` or `Name <a@b>`; undefined for anything else, so that no address can bring a header or a command with it. */
export const readAddress = (text: string): { readonly name: string; readonly address: string } | undefined => {
  if (/[\p{Cc}]/u.test(text)) return undefined;
  const [, name = '', inner] = /^([^<>]*)<([^<>]*)>$/.exec(text.trim()) ?? [];
  const address = bareAddress.safeParse(inner ?? text.trim());
  return address.success ? { name: name.trim().replace(/^"(.*)"$/, '$1'), address: address.data } : undefined;
};
