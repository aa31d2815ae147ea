import { parseForeignJson } from '../foreign/foreign-json.ts';
import { memberNamed } from '../foreign/foreign-member.ts';
import type { Session, SessionOptions } from '../model/sessions.ts';

type Members = Readonly<Record<string, unknown>>;

/** The members that nodes ask for on success: texts of their own, and properties of the session; undefined for none. */
export const successDetails = (
  { successDetails: own, successProperties: properties }: SessionOptions,
  session: Session | undefined,
): Members | undefined => {
  if (own === undefined && properties === undefined) return undefined;
  const ofSession = Object.entries(properties ?? {}).flatMap(([member, name]) => {
    const value = session && memberNamed(session.properties, name);
    return value === undefined ? [] : [[member, value]];
  });
  const details = parsedMembers({ ...Object.fromEntries(ofSession), ...own });
  return Object.keys(details).length === 0 ? undefined : details;
};

/** What each text says as JSON, or the text itself. */
export const parsedMembers = (texts: Readonly<Record<string, string>>): Members =>
  Object.fromEntries(
    Object.entries(texts).map(([member, text]) => {
      try {
        return [member, parseForeignJson(text) as unknown];
      } catch {
        return [member, text];
      }
    }),
  );
