/** The path of a realm below `json/`. @see journeys-rest.md §1.1 */
export const realmPath = (realm: string): string =>
  `realms/root${realm
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .map((part) => `/realms/${encodeURIComponent(part)}`)
    .join('')}`;

/** What a person calls the realm. */
export const realmName = (realm: string): string =>
  realm
    .split('/')
    .filter((part) => part !== '')
    .at(-1) ?? 'Assent';
