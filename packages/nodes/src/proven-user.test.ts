import { testUserId } from '@assent/engine/testing';
import { expect, test } from 'vitest';
import { isProvenUser } from './proven-user.ts';

const demo = { id: testUserId('demo') };
const proof = ({ identified, session }: { identified?: string; session?: string }) => ({
  journey: { identifiedUser: identified },
  request: { ...(session !== undefined && { session: { userId: session } }) },
});

test.each([
  ['the journey has identified nobody', {}],
  ['the journey has identified another', { identified: testUserId('other') }],
  ['the session is another’s', { session: testUserId('other') }],
])('nobody has proved to be that user where %s (SEC-59)', (_what, given) => {
  expect(isProvenUser(demo, proof(given))).toBe(false);
});

test('whoever was identified has, and whose session it is; nobody can have proved to be a user who does not exist', () => {
  expect(isProvenUser(demo, proof({ identified: demo.id }))).toBe(true);
  expect(isProvenUser(demo, proof({ session: demo.id, identified: testUserId('other') }))).toBe(true);
  expect(isProvenUser(undefined, proof({ identified: demo.id, session: demo.id }))).toBe(false);
});
