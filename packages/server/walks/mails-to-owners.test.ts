import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type From, HOUR, type MailWorld, mailWorld, PASSWORD } from './mail-world.ts';

// SEC-87: users who have a mailbox and no second factor sign in and reset passwords by links, while strangers who know the address ask for mails.

/** The first of the owners meets so many strangers. The limits are the same for all, so the others meet a few more than get a mail. */
const ADDRESSES = 1_000;
const FEW_ADDRESSES = 60;
const OF_SOURCE = 5;
const PART = 10;
const ONE: From = { address: '198.18.0.1' };

interface Owner {
  readonly mail: string;
  /** In which the owner has signed in before, at an address that is not known. */
  readonly browser: From;
}

describe('mails to owners', () => {
  let world: MailWorld;
  let users = 0;

  beforeAll(async () => {
    world = await mailWorld(18_713);
  });
  afterAll(async () => {
    await world?.stop();
  });
  beforeEach(() => {
    world.server.clock.advance(HOUR);
    world.smtp.mails.length = 0;
  });

  const newUser = async (attributes: Readonly<Record<string, readonly string[]>> = {}) => {
    users += 1;
    const name = `owner${users}`;
    const mail = `${name}@example.org`;
    await world.server.createUser('/', name, PASSWORD);
    await world.server.setAttributes('/', name, { mail: [mail], ...attributes });
    return { name, mail, home: { address: `203.0.113.${users}` } };
  };
  /** The browser of that sign-in, which is used at another address from then on. */
  const browserOf = ({ isSuccess, known }: { isSuccess: boolean; known: string | undefined }, kinds: RegExp): From => {
    expect(isSuccess).toBe(true);
    expect(known).toMatch(kinds);
    // What this sign-in has counted is over.
    world.server.clock.advance(HOUR);
    return { address: '192.0.2.77', cookie: known ?? '' };
  };
  const byLink = async (mail: string, from: From) => {
    await world.walk('Link', [mail], from);
    return world.followLink(mail, from);
  };

  const OWNERS: Readonly<Record<string, () => Promise<Owner>>> = {
    'signs in by links alone': async () => {
      const { mail, home } = await newUser();
      return { mail, browser: browserOf(await byLink(mail, home), /kb=m/) };
    },
    'has registered by a link': async () => {
      users += 1;
      const mail = `owner${users}@example.org`;
      const home = { address: `203.0.113.${users}` };
      const start = await world.walk('Register', [`owner${users}`], home);
      await world.answer('Register', start.body, home, mail, 'Jane', 'Doe');
      return { mail, browser: browserOf(await world.followLink(mail, home), /kb=m/) };
    },
    'has a password alone, and resets it by links': async () => {
      const { name, mail, home } = await newUser();
      return { mail, browser: browserOf(await world.walk('Password', [name, PASSWORD], home), /kb=p/) };
    },
    'has signed in by the password and by a link': async () => {
      const { name, mail, home } = await newUser();
      const { known = '' } = await world.walk('Password', [name, PASSWORD], home);
      return { mail, browser: browserOf(await byLink(mail, { ...home, cookie: known }), /kb=b/) };
    },
    'follows a link and gives the password in one journey': async () => {
      const { mail, home } = await newUser();
      await world.walk('LinkAndPassword', [mail], home);
      const asked = await world.followLink(mail, home);
      return { mail, browser: browserOf(await world.answer('LinkAndPassword', asked.body, home, PASSWORD), /kb=b/) };
    },
    'only claims the address, and has signed in by a code to a phone': async () => {
      const claimed = { assentClaimedMail: [new Date(0).toISOString()], telephoneNumber: [`${users}@sms.example`] };
      const { name, mail, home } = await newUser(claimed);
      const step = await world.walk('SmsCode', [name, PASSWORD], home);
      const code = await world.codeFor(claimed.telephoneNumber[0] ?? '');
      return { mail, browser: browserOf(await world.answer('SmsCode', step.body, home, code), /kb=c/) };
    },
    'only claims the address, and has signed in by the password': async () => {
      const { name, mail, home } = await newUser({ assentClaimedMail: [new Date(0).toISOString()] });
      return { mail, browser: browserOf(await world.walk('Password', [name, PASSWORD], home), /kb=p/) };
    },
  };

  describe.each(Object.keys(OWNERS))('an owner who %s', (which) => {
    const owner = async (): Promise<Owner> => (await OWNERS[which]?.()) ?? expect.unreachable();

    test('signs in from a new browser at a new address, while a stranger at one address asks for links (SEC-87)', async () => {
      const { mail } = await owner();
      const { mailsOf, walk, stranger } = world;
      expect(await mailsOf(4 * OF_SOURCE, () => walk('Link', [mail], ONE))).toBe(OF_SOURCE);
      world.smtp.mails.length = 0;
      const own = stranger();
      expect((await byLink(mail, own)).isSuccess).toBe(true);
    });

    const addresses = which === Object.keys(OWNERS)[0] ? ADDRESSES : FEW_ADDRESSES;

    test(`signs in from the browser of before, while a stranger at ${addresses} addresses asks for links (SEC-87)`, async () => {
      const { mail, browser } = await owner();
      const { mailsOf, walk, stranger, server } = world;
      const asked = () => mailsOf(addresses, () => walk('Link', [mail], stranger()));
      expect(await asked()).toBe(20);
      const ofOwner = await mailsOf(3 * PART, () => walk('Link', [mail], browser));
      expect(ofOwner).toBe(which.includes('claims') ? 5 : PART);
      server.clock.advance(HOUR);
      expect(await asked()).toBe(20);
      await server.assent.outbox.idle();
      world.smtp.mails.length = 0;
      expect((await byLink(mail, browser)).isSuccess).toBe(true);
    });
  });

  test('a browser known by a link is a stranger to mails after a reset of the password (SEC-86, SEC-87)', async () => {
    const { mail, browser } = (await OWNERS['signs in by links alone']?.()) ?? expect.unreachable();
    const { mailsOf, walk, stranger, rest, administrator } = world;
    const path = `/users/${mail.split('@')[0]}`;
    const body = { userpassword: 'another horse 88' };
    expect((await rest('PUT', path, { token: await administrator(), body })).status).toBe(200);
    expect(await mailsOf(30, () => walk('Link', [mail], stranger()))).toBe(20);
    expect(await mailsOf(3, () => walk('Link', [mail], browser))).toBe(0);
  });

  test('an attacker with the password uses up nothing of a browser known by a link (SEC-87)', async () => {
    const { name, mail, home } = await newUser();
    const browser = browserOf(await byLink(mail, home), /kb=m/);
    const { mailsOf, walk, stranger } = world;
    for (let number = 0; number < 12; number += 1) {
      const thief = stranger();
      const { known = '' } = await walk('Password', [name, PASSWORD], thief);
      await mailsOf(10, () => walk('Link', [mail], { ...thief, cookie: known }));
    }
    expect(await mailsOf(3 * PART, () => walk('Link', [mail], browser))).toBe(PART);
  });

  test('a mailed link of another user makes no browser known to be the owner’s (SEC-86)', async () => {
    const { mail } = await newUser();
    const other = await newUser();
    const browser = browserOf(await byLink(other.mail, other.home), /kb=m/);
    const { mailsOf, walk, stranger } = world;
    await mailsOf(30, () => walk('Link', [mail], stranger()));
    expect(await mailsOf(3, () => walk('Link', [mail], browser))).toBe(0);
    expect(await mailsOf(3, () => walk('Link', [other.mail], browser))).toBe(3);
  });

  test.each([
    ['those of one address', 1, OF_SOURCE],
    ['those of 40 addresses', 40, 20],
  ])(
    'of 40 requests for codes at the same moment, %s get no more than the limit (SEC-87)',
    async (_, sources, most) => {
      const phone = `phone${sources}@example.org`;
      const { name, mail } = await newUser({ telephoneNumber: [phone] });
      for (const tree of ['MailCode', 'SmsCode']) {
        const begun = await Promise.all(
          Array.from({ length: 40 }, async (_, number) => {
            const from: From = { address: `198.51.100.${1 + (number % sources)}` };
            return { from, step: await world.walk(tree, [name], from) };
          }),
        );
        world.smtp.mails.length = 0;
        await Promise.all(begun.map(({ from, step }) => world.answer(tree, step.body, from, PASSWORD)));
        const to = tree === 'MailCode' ? mail : phone;
        expect(world.smtp.mails.filter((it) => it.includes(`To: ${to}`))).toHaveLength(most);
      }
    },
  );

  test('strangers get the same answers for a mailbox that is used up and for a name of no user (SEC-59, SEC-87)', async () => {
    const { mail } = await newUser();
    const { mailsOf, walk, stranger } = world;
    await mailsOf(30, () => walk('Link', [mail], stranger()));
    const shown = async (typed: string) => {
      const { body, known } = await walk('Link', [typed], ONE);
      return { callbacks: body.callbacks, members: Object.keys(body), known };
    };
    expect(await shown(mail)).toEqual(await shown('unknown@example.org'));
  });

  describe.each(['Link', 'Template'])('the limit of one source, in the journey %s,', (tree) => {
    test.each([
      ['a user', async () => (await newUser()).mail],
      ['a user without an address', async () => (await newUser({ mail: [] })).name],
      ['a name of no user', async () => 'unknown@example.org'],
    ])('counts each visit for %s, so that it tells none from another (SEC-59)', async (_who, typedOf) => {
      const { mailsOf, walk, stranger } = world;
      const typed = await typedOf();
      const from = stranger();
      const ofNewUser = async () => {
        const { mail } = await newUser();
        return mailsOf(1, () => walk('Link', [mail], from));
      };
      for (let visit = 0; visit < 99; visit += 1) await walk(tree, [typed], from);
      expect([await ofNewUser(), await ofNewUser()]).toEqual([1, 0]);
    });
  });
});
