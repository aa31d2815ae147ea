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

/** RFC 4514 §2.4: characters that would end or begin a part of a name. */
const escaped = (text: string): string => text.replace(/[\\,+"<>;=]/g, '\\$&').replace(/^[# ]|[ ]$/g, '\\$&');
