/** Where the resources of a realm are, below the context path: `/json/realms/root/realms/alpha` for `/alpha`. */
export const realmPath = (realm: string): string =>
  `/json/realms/root${realm
    .split('/')
    .filter((name) => name !== '')
    .map((name) => `/realms/${name}`)
    .join('')}`;
