import { hash, timingSafeEqual } from 'node:crypto';
import { SettingsRefused } from '../../settings/load-settings.ts';
import { readSecretFile } from '../../settings/secret-file.ts';

/** Nobody guesses as many characters at random; fewer may have been chosen by somebody. */
const MIN_LENGTH = 20;

const refusal = (file: string, fault: string): SettingsRefused =>
  new SettingsRefused([
    `The file that ASSENT_METRICS_TOKEN_FILE names, ${file}, ${fault}: put at least ${MIN_LENGTH} random characters into it, such as ` +
      '`openssl rand -hex 32` prints, and let our user read it.',
  ]);

/** The token in that file. Throws `SettingsRefused` with what to do where there is none that is good enough. */
export const readMetricsToken = (file: string): string => {
  const read = readSecretFile(file);
  if ('fault' in read) throw refusal(file, read.fault);
  const token = read.text.trim();
  if (token.length < MIN_LENGTH) throw refusal(file, token === '' ? 'is empty' : 'holds too short a token');
  if (!/^[\w.~+/=-]+$/.test(token)) throw refusal(file, 'holds more than one word, or characters that no token has');
  return token;
};

const digestOf = (text: string): Buffer => hash('sha256', text, 'buffer');

/** What a header says as `Bearer` (RFC 6750 §2.1), or as the password of `Basic`, which is how Prometheus comes to AM: under any name. */
const givenBy = (authorization: string): string | undefined => {
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (bearer !== undefined) return bearer;
  const basic = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(authorization)?.[1];
  return basic === undefined ? undefined : /^[^:]*:(.*)$/s.exec(Buffer.from(basic, 'base64').toString())?.[1];
};

/** Whether a header of a request carries that token, in a time that does not tell how much of it is right. */
export const tokenCheck =
  (token: () => string): ((authorization: string | undefined) => boolean) =>
  (authorization) => {
    const given = authorization === undefined ? undefined : givenBy(authorization);
    return given !== undefined && timingSafeEqual(digestOf(given), digestOf(token()));
  };
