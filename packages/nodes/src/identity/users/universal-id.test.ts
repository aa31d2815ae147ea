import { expect, test } from 'vitest';
import { universalIdOf } from './universal-id.ts';

test.each([
  ['demo', '/', 'id=demo,ou=user,ou=services,ou=am-config'],
  ['amadmin', '/', 'id=amadmin,ou=user,ou=am-config'],
  ['amadmin', '/alpha', 'id=amadmin,ou=user,o=alpha,ou=services,ou=am-config'],
  ['demo', '/alpha/beta', 'id=demo,ou=user,o=beta,o=alpha,ou=services,ou=am-config'],
  ['a,ou=admins', '/', 'id=a\\,ou\\=admins,ou=user,ou=services,ou=am-config'],
  ['#x ', '/', 'id=\\#x\\ ,ou=user,ou=services,ou=am-config'],
])('%s of realm %s is %s', (username, realm, id) => {
  expect(universalIdOf({ username, realm })).toBe(id);
});
