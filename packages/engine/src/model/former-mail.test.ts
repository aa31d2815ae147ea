import { describe, expect, test } from 'vitest';
import { formerMail, mailBeforeChange, mergedAttributes, notedAddressChanges } from './identities.ts';

const DAY = 24 * 3_600_000;
const AT = Date.parse('2026-12-01T09:00:00.000Z');
const PASSWORD_ALONE = { isVouched: false, isClaimed: true };
const OWN_FACTOR = { isVouched: true, isClaimed: true };
const ADMINISTRATOR = { isVouched: true, isClaimed: false };

type Attributes = Readonly<Record<string, readonly string[]>>;

const changed = (before: Attributes, values: Attributes, how: typeof PASSWORD_ALONE, at = AT): Attributes =>
  mergedAttributes(before, { ...values, ...notedAddressChanges(before, values, { ...how, at }) });

const JANE = { mail: ['jane@example.org'] };
const PROVEN_JANE = [{ address: 'jane@example.org', isProven: true }];
const thief = (number: number) => ({ mail: [`thief${number}@attacker.example`] });

describe('the former mail address', () => {
  test('stays the one from before the first of several changes by the password alone (SEC-13)', () => {
    let user = changed(JANE, { mail: ['jane@example.org', 'thief@attacker.example'] }, PASSWORD_ALONE);
    for (const day of [1, 7, 13]) {
      user = changed(user, thief(day), PASSWORD_ALONE, AT + day * DAY);
      expect(formerMail(user, AT + day * DAY)).toEqual(PROVEN_JANE);
      expect(mailBeforeChange(user, AT + day * DAY)).toEqual(PROVEN_JANE);
    }
    expect(formerMail(user, AT + 20 * DAY - 1)).toEqual(PROVEN_JANE);
    expect(formerMail(user, AT + 20 * DAY)).toEqual([]);
    expect(mailBeforeChange(user, AT + 20 * DAY)).toEqual([{ address: 'thief13@attacker.example', isProven: false }]);
  });

  test('stays after a change with a second factor, which an attacker may have registered (SEC-13)', () => {
    const user = changed(changed(JANE, thief(1), PASSWORD_ALONE), thief(2), OWN_FACTOR);
    expect(formerMail(user, AT)).toEqual(PROVEN_JANE);
  });

  test('ends when an administrator sets the address (SEC-13)', () => {
    const user = changed(changed(JANE, thief(1), PASSWORD_ALONE), { mail: ['jane@new.example'] }, ADMINISTRATOR);
    expect(user).toEqual({ mail: ['jane@new.example'] });
  });

  test('is kept by a change with a second factor of a proven address in the notice of that change alone', () => {
    expect(mailBeforeChange(JANE, AT)).toEqual(PROVEN_JANE);
    expect(formerMail(changed(JANE, thief(1), OWN_FACTOR), AT)).toEqual([]);
  });

  test.each([
    ['5 proven ones', {}, true, 5],
    ['1 claimed one', { assentClaimedMail: [new Date(0).toISOString()] }, false, 1],
  ])('is at most %s, so that a user cannot have many people mailed to (SEC-13)', (_what, claim, isProven, count) => {
    const mail = Array.from({ length: 50 }, (_, number) => `victim${number}@example.org`);
    const former = formerMail(changed({ mail, ...claim }, thief(1), PASSWORD_ALONE), AT);
    expect(former).toEqual(mail.slice(0, count).map((address) => ({ address, isProven })));
  });

  test('is none where the account had none, and no longer text than an address is', () => {
    expect(changed({}, thief(1), PASSWORD_ALONE)).not.toHaveProperty('assentFormerMail');
    expect(changed({ mail: ['x'.repeat(321)] }, thief(1), PASSWORD_ALONE)).not.toHaveProperty('assentFormerMail');
  });

  test('does not change with the phone number', () => {
    const user = changed(changed(JANE, thief(1), PASSWORD_ALONE), { telephoneNumber: ['+49'] }, ADMINISTRATOR);
    expect(formerMail(user, AT)).toEqual(PROVEN_JANE);
  });
});
