import { testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { isProvenUser, mayChange } from './proven-user.ts';

const demo = { id: testUserId('demo') };
const proof = ({
  identified,
  session,
  nodeType = 'DataStore',
}: {
  identified?: string;
  session?: string;
  nodeType?: string;
}) => ({
  journey: { identifiedUser: identified },
  request: { ...(session !== undefined && { session: { userId: session, properties: { NodeType: nodeType } } }) },
});

test.each([
  ['the journey has identified nobody', {}],
  ['the journey has identified another', { identified: testUserId('other') }],
  ['the session is another’s', { session: testUserId('other') }],
  ['the session is that of a guest, who shares the user with others', { session: demo.id, nodeType: 'Anonymous' }],
  ['a guest has shown a code since', { session: demo.id, nodeType: 'Anonymous|AuthenticatorOATH|' }],
])('nobody has proved to be that user where %s (SEC-59)', (_what, given) => {
  expect(isProvenUser(demo, proof(given))).toBe(false);
});

test('whoever was identified has, and whose session it is; nobody can have proved to be a user who does not exist', () => {
  expect(isProvenUser(demo, proof({ identified: demo.id }))).toBe(true);
  expect(isProvenUser(demo, proof({ session: demo.id, identified: testUserId('other') }))).toBe(true);
  expect(isProvenUser(undefined, proof({ identified: demo.id, session: demo.id }))).toBe(false);
});

test.each([
  ['another was identified', { identifiedUser: 'other', boundUser: undefined }, false],
  ['the journey is bound to another', { identifiedUser: undefined, boundUser: 'other' }, false],
  ['this user was identified', { identifiedUser: demo.id, boundUser: undefined }, true],
  ['the journey is bound to this user', { identifiedUser: undefined, boundUser: demo.id }, true],
  ['nothing was proven', { identifiedUser: undefined, boundUser: undefined }, true],
])('where %s, a node may change a user who is only named: %#', (_what, journey, may) => {
  expect(mayChange(demo, journey)).toBe(may);
});
