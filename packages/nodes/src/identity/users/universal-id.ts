import type { Identity } from '@assent/engine';

/** The name of a user as AM's state and scripts spell it (spec: journeys-rest §5.6). */
export const universalIdOf = ({ username, realm }: Pick<Identity, 'username' | 'realm'>): string => {
  if (username === 'amadmin' && realm === '/') return 'id=amadmin,ou=user,ou=am-config';
  const units = realm
    .split('/')
    .filter((part) => part !== '')
    .reverse()
    .map((part) => `o=${escaped(part)},`);
  return `id=${escaped(username)},ou=user,${units.join('')}ou=services,ou=am-config`;
};

/** The name in what `universalIdOf` has made of it in that realm; undefined for any other spelling. */
export const usernameIn = (universalId: string, realm: string): string | undefined => {
  const [, name] = /^id=((?:[^,\\]|\\.)+),ou=user,/s.exec(universalId) ?? [];
  const username = name?.replace(/\\(.)/gs, '$1');
  return username !== undefined && universalIdOf({ username, realm }) === universalId ? username : undefined;
};

/** RFC 4514 §2.4: characters that would end or begin a part of a name. */
const escaped = (text: string): string => text.replace(/[\\,+"<>;=]/g, '\\$&').replace(/^[# ]|[ ]$/g, '\\$&');
