import { expect, test } from 'vitest';
import { journeyAddress, readIntention } from './step-up.ts';

const CONTEXT = 'https://id.example.org/am/';

test.each(['', '?do=', '?do=delete', '?do=constructor', '?device=1'])('the address %j wants nothing', (query) => {
  expect(readIntention(`${CONTEXT}account${query}`)).toBeUndefined();
});

test.each(['/', '/alpha/b c'])('an intention comes back from a journey of %s as it went', (realm) => {
  const intention = { act: 'remove', device: 'a&b=c#d' } as const;
  const login = new URL(journeyAddress(CONTEXT, { realm }, 'StepUp', intention));
  expect(login.pathname).toBe('/am/login');
  expect(login.searchParams.get('realm') ?? '/').toBe(realm);
  expect(login.searchParams.get('service')).toBe('StepUp');
  const back = new URL(login.searchParams.get('goto') ?? '', login);
  expect(back.origin + back.pathname).toBe(`${CONTEXT}account`);
  expect(readIntention(back.href)).toEqual(intention);
  // Whoever gives up comes back to the page as it is.
  expect(login.searchParams.get('gotoOnFail')).toBe('/am/account');
});

test('who has no second factor signs in by the usual journey once more, and comes back to the data', () => {
  const login = new URL(journeyAddress(CONTEXT, { realm: '/' }, 'anew', { act: 'data' }));
  expect([...login.searchParams.keys()]).toEqual(['ForceAuth', 'goto', 'gotoOnFail']);
  const back = new URL(login.searchParams.get('goto') ?? '', login);
  expect(readIntention(back.href)).toEqual({ act: 'data' });
});

test('to add a phone nothing has to be taken up again', () => {
  const login = new URL(journeyAddress(CONTEXT, { realm: '/' }, 'AddPhone'));
  expect(login.searchParams.get('goto')).toBe('/am/account');
});
