import { parseRichText, plainText } from '../../kit/rich-text/rich-text.ts';
import { unescapeScript } from './script-text.ts';

/** What the script of a Recovery Code Display node carries. */
export interface RecoveryCodes {
  readonly codes: readonly string[];
  readonly device: string | undefined;
}

/**
 * Reads the codes out of the script, without running it, by the forms that the client SDKs look for.
 * @see journeys-rest.md §4.2
 */
export const readRecoveryScript = (script: string): RecoveryCodes | undefined => {
  if (!script.includes('Recovery Codes') && !script.includes('recovery codes')) return undefined;
  const codes = [...script.matchAll(/\s[\w\W]"([\w]*)\\/g)]
    .map((found) => found[1] ?? '')
    .filter((code) => code !== '');
  if (codes.length === 0) return undefined;
  const device = plainText(parseRichText(unescapeScript(namedIn(script)))).trim();
  return { codes, device: device === '' ? undefined : device };
};

/** What is emphasised: the name of the device, on one line. */
const namedIn = (script: string): string => {
  const [, line = ''] = /<em\b[^<>]*>(.*)/.exec(script) ?? [];
  return line.slice(0, Math.max(0, line.lastIndexOf('</em>')));
};

/**
 * A recovery code as the server wants it. Crockford's base 32 reads O as 0 and I and L as 1; only what is certainly one of our
 * codes is changed, since an imported code may have its own alphabet. @see design.md decision 10
 */
export const typedRecoveryCode = (typed: string): string => {
  const bare = typed.replace(/[\s\-‐-―_]/g, '').toUpperCase();
  return /^[0-9A-Z]{16}$/.test(bare) ? bare.replace(/O/g, '0').replace(/[IL]/g, '1') : typed.trim();
};
