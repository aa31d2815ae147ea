import { usableKeys } from '@assent/oidc';
import {
  bareValue,
  CLIENT_SECTIONS,
  isJsonObject,
  type JsonObject,
  PROVIDER_SECTIONS,
  saysInheritance,
} from '@assent/wire';
import type { Reader } from '../../authorization/reader.ts';

type Sections = Readonly<Record<string, Readonly<Record<string, { readonly kind: string }>>>>;

/** The public keys of a set, without what else stands in it, such as the value of a symmetric key. */
const publicKeysOf = (value: unknown): string | null => {
  const keys = typeof value === 'string' && value !== '' ? usableKeys(value) : undefined;
  return keys === undefined ? null : JSON.stringify({ keys });
};

/** Attributes that hold secrets, with what of them is public. */
const SECRETS: Readonly<Record<string, (value: unknown) => unknown>> = {
  jwkSet: publicKeysOf,
  // With the salt of pairwise subjects, users of several clients can be linked.
  hashSalt: () => null,
};

const isPlain = (value: unknown): boolean => typeof value !== 'object' || value === null;

/** A value of any kind is kept: one that is not of the kind of its attribute may hold anything. */
const isOfKind = (kind: string, value: unknown): boolean => {
  if (Array.isArray(value)) return value.every(isPlain);
  return isPlain(value) || (kind === 'textsByName' && isJsonObject(value) && Object.values(value).every(isPlain));
};

const shownValue = (name: string, kind: string, written: unknown): unknown => {
  const value = bareValue(written) ?? null;
  const shown = Object.hasOwn(SECRETS, name) ? SECRETS[name]?.(value) : isOfKind(kind, value) ? value : null;
  return saysInheritance(written) ? { inherited: written.inherited === true, value: shown } : shown;
};

const documentFor = (sections: Sections, reader: Reader, document: JsonObject): JsonObject => {
  if (reader === 'writer') return document;
  const shownIn = (section: string, written: JsonObject): JsonObject => {
    const known = Object.hasOwn(sections, section) ? (sections[section] ?? {}) : {};
    const values = Object.entries(written).map(([name, value]) => {
      const kind = Object.hasOwn(known, name) ? known[name]?.kind : undefined;
      return [name, kind === undefined ? null : shownValue(name, kind, value)];
    });
    return Object.fromEntries(values);
  };
  const entries = Object.entries(document).map(([section, written]) => [
    section,
    isJsonObject(written) ? shownIn(section, written) : null,
  ]);
  return Object.fromEntries(entries);
};

/** The document of a client for that reader: an onlooker sees the public keys of a set, and no secret ones (SEC-72). */
export const clientFor = (reader: Reader, document: JsonObject): JsonObject =>
  documentFor(CLIENT_SECTIONS, reader, document);

/** The document of a provider for that reader. */
export const providerFor = (reader: Reader, document: JsonObject): JsonObject =>
  documentFor(PROVIDER_SECTIONS, reader, document);
