import { NodeFailure } from '../model/errors.ts';
import { isSystemSessionProperty } from '../model/sessions.ts';

/**
 * What the properties of a session may be, those of the server left out. A session is read with each request and written whole with each change, and
 * an export reads 1,000 of them, so it must stay small whichever way its properties are set (SEC-93). AM stores a few hundred characters.
 */
export const SESSION_PROPERTY_LIMITS = {
  properties: 200,
  nameCharacters: 256,
  valueCharacters: 4_096,
  /** Names and values together, as they are stored: in UTF-8, where JSON writes a control character as 6 bytes. */
  bytes: 8_192,
  /** The server's own property for them is bounded by their number. Each is an entry of the outbox when the session ends. */
  logoutWebhooks: 5,
} as const;

const MAX_SHOWN = 64;
/** The colon and the comma of a property in JSON. */
const BETWEEN = 2;

/** How many bytes the text takes as JSON in UTF-8. JSON escapes half of a surrogate pair, so that two code units are four bytes. */
const storedBytes = (text: string): number => {
  const json = JSON.stringify(text);
  let bytes = json.length;
  for (let at = 0; at < json.length; at += 1) {
    const unit = json.charCodeAt(at);
    if (unit >= 0x80) bytes += unit < 0x8_00 || (unit >= 0xd8_00 && unit < 0xe0_00) ? 1 : 2;
  }
  return bytes;
};

/** Why a session cannot have these properties; undefined where it can. `null` stands for a property that is to be removed. */
export const sessionPropertiesProblem = (properties: Readonly<Record<string, string | null>>): string | undefined => {
  const most = SESSION_PROPERTY_LIMITS;
  let count = 0;
  let bytes = 0;
  for (const [name, value] of Object.entries(properties)) {
    if (name.length > most.nameCharacters)
      return `The name of a session property may have ${most.nameCharacters} characters at most: "${name.slice(0, MAX_SHOWN)}..." has ${name.length}.`;
    if (isSystemSessionProperty(name)) continue;
    const length = value?.length ?? 0;
    if (length > most.valueCharacters)
      return `A session property may have ${most.valueCharacters} characters at most: "${name.slice(0, MAX_SHOWN)}" has ${length}.`;
    count += 1;
    // Nothing more is written as JSON once the properties are known to be too many or too long.
    if (count > most.properties) return `A session may have ${most.properties} properties at most. Set fewer.`;
    bytes += storedBytes(name) + (value === null ? 0 : storedBytes(value)) + BETWEEN;
    if (bytes > most.bytes)
      return `The properties of a session may have ${most.bytes} bytes at most as JSON in UTF-8, names included. Set fewer or shorter ones.`;
  }
  return undefined;
};

/** @throws NodeFailure */
export const demandSessionProperties = (properties: Readonly<Record<string, string | null>>): void => {
  const problem = sessionPropertiesProblem(properties);
  if (problem !== undefined) throw new NodeFailure(problem);
};

/** @throws NodeFailure */
export const demandLogoutWebhooks = (names: readonly string[]): void => {
  const most = SESSION_PROPERTY_LIMITS.logoutWebhooks;
  if (new Set(names).size > most)
    throw new NodeFailure(`A session may have ${most} logout webhooks at most. Register fewer.`);
};
