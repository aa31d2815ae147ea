import { isJsonObject, type JsonObject } from '@assent/wire';
import { plainText } from '../../command/plain-text.ts';

// Members of a profile as AM writes it: what is of another form is undefined, or what it counts as.

const MAX_NAME_LENGTH = 64;
const MAX_ADDRESS_LENGTH = 4_096;
const MAX_CODES = 20;

export const textOf = (value: unknown, most = MAX_ADDRESS_LENGTH): string | undefined =>
  typeof value === 'string' && value.trim() !== '' && value.length <= most ? value : undefined;

export const integerOf = (value: unknown, otherwise: number): number =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : otherwise;

export const timeOf = (value: unknown): number | undefined => {
  const millis = integerOf(value, 0);
  return millis > 0 ? millis : undefined;
};

export const nameOf = (value: unknown, otherwise: string): string =>
  plainText((typeof value === 'string' ? value : '').slice(0, MAX_NAME_LENGTH)).trim() || otherwise;

export const uuidOf = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[\w-]{8,64}$/.test(value) ? value : undefined;

export const codesOf = (value: unknown): readonly string[] =>
  (Array.isArray(value) ? value : []).filter((it): it is string => typeof it === 'string').slice(0, MAX_CODES);

export const parsed = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    // The message of the parser quotes the secret.
    return undefined;
  }
};
