/** Who speaks for a realm in OpenID Connect; the part after `{am}/oauth2` is the realm's long path under `{am}/json`. */
export const issuerOf = (publicUrl: string, realmPath: string): string => {
  const names = realmPath.split('/').filter((name) => name !== '');
  return [`${publicUrl}/oauth2/realms/root`, ...names.map((name) => `realms/${encodeURIComponent(name)}`)].join('/');
};
