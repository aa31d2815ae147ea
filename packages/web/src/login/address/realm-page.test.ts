import { expect, test } from 'vitest';
import { realmPageOf } from './realm-page.ts';

const address = { context: 'https://id.example.com/am/', realm: '/alpha' };

test('a realm that has nothing set is shown by its own name and our mark', () => {
  expect(realmPageOf(address, {}, false)).toEqual({ name: 'alpha' });
  expect(realmPageOf({ ...address, realm: '/' }, {}, false)).toEqual({ name: 'Assent' });
});

test('a realm is shown by its name and its logo, and with the phone of its server', () => {
  const logo = { src: 'login/logo?realm=%2Falpha', width: 96, height: 32 };
  expect(realmPageOf(address, { name: 'Acme', logo, colour: '#c0ffee' }, true)).toEqual({
    name: 'Acme',
    logo: { ...logo, src: new URL(logo.src, address.context).href },
    phone: 'https://id.example.com/am/phone/',
  });
});
