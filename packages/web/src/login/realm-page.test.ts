import { expect, test } from 'vitest';
import { readRealmPage } from './realm-page.ts';

const address = { context: 'https://id.example.com/am/', realm: '/alpha' };
const read = (answer: () => Response | Promise<Response>, asked: string[] = []) =>
  readRealmPage(address, (url) => {
    asked.push(String(url));
    return Promise.resolve().then(answer);
  });
const ours = { name: 'alpha', logo: undefined, colour: undefined, phone: undefined };

test.each([
  ['nothing comes', () => Promise.reject(new TypeError('no network'))],
  ['there is no such realm', () => Response.json({ code: 404 }, { status: 404 })],
  ['it is no JSON', () => new Response('<html>')],
  ['it is nothing', () => Response.json(null)],
  ['the realm has nothing set', () => Response.json({ name: '', logo: '', color: '', phone: false })],
  [
    'it is not what a realm can have',
    () =>
      Response.json({
        name: 7,
        logo: 'https://elsewhere.example/logo.png',
        color: '#fff} body { display: none',
        phone: 'https://elsewhere.example/',
      }),
  ],
])('a page looks as ours where %s', async (_when, answer) => {
  expect(await read(answer)).toEqual(ours);
});

test('a realm is shown by its name, its logo and its colour, and with the phone of its server', async () => {
  const asked: string[] = [];
  const logo = 'data:image/png;base64,iVBORw0KGgo=';
  expect(await read(() => Response.json({ name: 'Acme', logo, color: '#C0FFEE', phone: true }), asked)).toEqual({
    name: 'Acme',
    logo,
    colour: '#C0FFEE',
    phone: 'https://id.example.com/am/phone/',
  });
  expect(asked).toEqual(['https://id.example.com/am/json/realms/root/realms/alpha/serverinfo/page']);
});
