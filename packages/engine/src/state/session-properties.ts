import { NodeFailure } from '../model/errors.ts';
import { isSystemSessionProperty } from '../model/sessions.ts';

/**
 * What the properties of a session may be, those of the server left out. A session is read with each request and written whole with each change, and
 * an export reads 1,000 of them, so it must stay small whichever way its properties are set (SEC-93). AM stores a few hundred characters.
 */
export const SESSION_PROPERTY_LIMITS = {
  properties: 200,
  nameCharacters: 256,
  valueCharacters: 8_192,
  /** Names and values together, as they are stored: JSON writes a control character as 6. */
  characters: 16_384,
  /** The server's own property for them is bounded by their number. Each is an entry of the outbox when the session ends. */
  logoutWebhooks: 5,
} as const;

const MAX_SHOWN = 64;
/** The colon and the comma of a property in JSON. */
const BETWEEN = 2;

/** Why a session cannot have these properties; undefined where it can. `null` stands for a property that is to be removed. */
export const sessionPropertiesProblem = (properties: Readonly<Record<string, string | null>>): string | undefined => {
  const most = SESSION_PROPERTY_LIMITS;
  let count = 0;
  let characters = 0;
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
    characters += JSON.stringify(name).length + (value === null ? 0 : JSON.stringify(value).length) + BETWEEN;
    if (characters > most.characters)
      return `The properties of a session may have ${most.characters} characters at most as JSON, names included. Set fewer or shorter ones.`;
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
