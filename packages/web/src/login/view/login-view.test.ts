import { readFileSync } from 'node:fs';
import type { LoginVisit, PageCall } from '@assent/wire';
import { describe, expect, test } from 'vitest';
import { readPageData } from '../page/page-data.ts';
import { createLoginView } from './login-view.tsx';

/** The build puts the style sheet into the page. */
const template = readFileSync(new URL('../../../login.html', import.meta.url), 'utf8').replace(
  '</head>',
  '<style nonce=""></style></head>',
);
const view = createLoginView(template);

interface Given {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
const field = (type: string, prompt: string) => ({
  type,
  output: [{ name: 'prompt', value: prompt }],
  input: [{ name: 'IDToken1', value: '' }],
});
const credentials = {
  authId: 'a1',
  callbacks: [field('NameCallback', 'User <b>Name</b>'), field('PasswordCallback', 'Password')],
};

/** Seals as a server does, but for the MAC. */
const steps = {
  seal: (text: string) => `sealed.${text}`,
  open: (sealed: string) => (sealed.startsWith('sealed.') ? sealed.slice('sealed.'.length) : undefined),
};

type More = Partial<LoginVisit> & { readonly query?: string };

/** A visit of a server that answers so, or not at all; with the calls that it gets. */
const visitOf = (answers: readonly (Given | undefined)[], { query = '', ...more }: More = {}) => {
  const calls: PageCall[] = [];
  const visit: LoginVisit = {
    href: `https://id.example.com/am/login${query}`,
    cookies: '',
    languages: ['en'],
    hasPhone: true,
    nonce: 'bm9uY2U=',
    steps,
    appearanceOf: () => ({}),
    call: async (call) => {
      calls.push(call);
      const given = answers[calls.length - 1];
      return given && { status: given.status ?? 200, headers: given.headers ?? {}, body: JSON.stringify(given.body) };
    },
    renderQr: async () => ({ size: 9, path: 'M0 0h1v1h-1z' }),
    ...more,
  };
  return { visit, calls };
};

const renderPage = async (answers: readonly (Given | undefined)[], more: More = {}) => {
  const { visit, calls } = visitOf(answers, more);
  const rendered = await view.render(visit);
  if ('refusal' in rendered) throw new Error(rendered.refusal);
  const html = rendered.html + rendered.end;
  const data = /<script type="application\/json" id="page-data">([^<]*)<\/script>/.exec(html)?.[1] ?? '';
  return { ...rendered, html, calls, data: readPageData(data) };
};
const headingOf = (html: string): string | undefined => /<h1[^>]*>(.*?)<\/h1>/.exec(html)?.[1];

test('renders the first step, and hands it to the script, which need not ask again', async () => {
  const { status, html, data, calls } = await renderPage([{ body: credentials }]);
  expect(status).toBe(200);
  expect(calls).toEqual([{ url: 'https://id.example.com/am/json/realms/root/authenticate', body: '{}' }]);
  expect(headingOf(html)).toBe('Sign in');
  expect(html).toContain('<title>Sign in – Assent</title>');
  expect(html).toMatch(/<label for="([^"]+)" dir="auto">User &lt;b>Name&lt;\/b><\/label><input id="\1"/);
  expect(html).toContain('method="post"');
  expect(html).not.toMatch(/ style=| on\w+=/);
  expect(data.rendered?.state).toMatchObject({ kind: 'step', first: true, step: { authId: 'a1' } });
  expect(data.realm).toEqual({ name: 'Assent', phone: 'https://id.example.com/am/phone/' });
});

test('asks for what the address asks for, in the realm that it names', async () => {
  const { calls } = await renderPage([{ body: credentials }], {
    query: '?realm=/alpha/b&service=PushLogin&goto=https%3A%2F%2Fx.example%2F&ForceAuth=true&locale=de&evil=1',
  });
  const url = new URL(calls[0]?.url ?? '');
  expect(url.pathname).toBe('/am/json/realms/root/realms/alpha/realms/b/authenticate');
  expect(Object.fromEntries(url.searchParams)).toEqual({
    authIndexType: 'service',
    authIndexValue: 'PushLogin',
    goto: 'https://x.example/',
    ForceAuth: 'true',
    locale: 'de',
  });
});

describe('whom an application expects (spec: oidc §2.1)', () => {
  const hint = '?login_hint=%22%3E%3Cb%3Edemo';
  const nameIn = (html: string): string | undefined =>
    /autocomplete="username"[^>]*value="([^"]*)"|value="([^"]*)"[^>]*autocomplete="username"/
      .exec(html)
      ?.slice(1)
      .find((it) => it !== undefined);

  test('stands in the field for the name, as text, and is sent only with the form', async () => {
    const { html, data, calls } = await renderPage([{ body: credentials }], { query: hint });
    expect(nameIn(html)).toBe('&quot;>&lt;b>demo');
    expect(data.rendered?.username).toBe('"><b>demo');
    expect(calls.map(({ url, body }) => url + body).join()).not.toContain('demo');
  });

  test('gives way to what was typed, and to whoever wants another account', async () => {
    const posted = steps.seal(JSON.stringify({ step: credentials, first: true, username: '' }));
    const typedName = await renderPage(
      [{ status: 401, body: { code: 401, message: 'Login failure' } }, { body: credentials }],
      {
        query: hint,
        form: { step: posted, 'answer-0': 'ann', 'answer-1': 'wrong' },
      },
    );
    expect(nameIn(typedName.html)).toBe('ann');
    const another = await renderPage([{ body: {} }, { body: credentials }], {
      query: hint,
      form: { press: 'another' },
    });
    expect(nameIn(another.html) ?? '').toBe('');
  });
});

describe('the language', () => {
  const inLanguage = async (more: Parameters<typeof renderPage>[1]) => {
    const { html, data, calls } = await renderPage([{ body: credentials }], more);
    const locale = new URL(calls[0]?.url ?? '').searchParams.get('locale');
    return { html: /<html lang="(\w+)"/.exec(html)?.[1], data: data.language, button: data.texts.continue, locale };
  };
  const cookies = 'a=b; assent-locale=fr';
  const languages = ['es-MX', 'de'];
  const appearanceOf = () => ({ locale: 'ja' });

  test.each([
    ['of the address', { query: '?locale=ar', cookies, languages, appearanceOf }, 'ar', 'ar'],
    ['that was chosen before', { cookies, languages, appearanceOf }, 'fr', 'fr'],
    ['of the browser, which tells the server itself', { languages, appearanceOf }, 'es', null],
    ['of the realm', { languages: ['eo'], appearanceOf }, 'ja', null],
    ['that is ours', { languages: ['eo'], appearanceOf: () => ({ locale: 'eo' }) }, 'en', null],
    ['that is ours, while the server is told of a language that it may know', { query: '?locale=eo' }, 'en', 'eo'],
  ])('is the one %s', async (_which, more, language, locale) => {
    expect(await inLanguage(more)).toMatchObject({ html: language, data: language, locale });
  });

  test('of one visit is not that of another, however they come', async () => {
    const rendered = await Promise.all(['de', 'ja', 'en'].map((it) => inLanguage({ languages: [it] })));
    expect(rendered.map(({ button }) => button)).toEqual(['Weiter', '続ける', 'Continue']);
  });
});

describe('how the realm looks', () => {
  test('is there at the first paint: name, colour and logo with its room', async () => {
    const logo = { src: 'login/logo?realm=%2F&v=1', width: 400, height: 100 };
    const { html, data } = await renderPage([{ body: credentials }], {
      appearanceOf: () => ({ name: 'A & <i>B</i>', colour: '#4b2e83', logo }),
    });
    expect(html).toContain('<title>Sign in – A &amp; &lt;i>B&lt;/i></title>');
    expect(html).toContain('<style nonce="bm9uY2U=">:root { --a-accent: #4b2e83;');
    expect(html).toContain('src="https://id.example.com/am/login/logo?realm=%2F&amp;v=1" width="128" height="32"');
    expect(data.realm.name).toBe('A & <i>B</i>');
  });

  test('is asked for the realm of the address', async () => {
    const asked: string[] = [];
    const appearanceOf = (realm: string) => {
      asked.push(realm);
      return {};
    };
    await renderPage([{ body: credentials }], { query: '?realm=alpha/', appearanceOf });
    expect(asked).toEqual(['/alpha']);
  });
});

describe('renders no step, and leaves the asking to the script,', () => {
  test('where a start would change something', async () => {
    const { status, html, data } = await renderPage([undefined]);
    expect(status).toBe(200);
    expect(html).not.toContain('data-position');
    // Without a script, a form asks.
    expect(html).toMatch(/<button[^>]* name="press"[^>]* value="over"/);
    expect(data.rendered).toBeUndefined();
  });

  test('where a tab of this browser goes on with a journey', async () => {
    const { calls, data } = await renderPage([], { cookies: 'assent-under-way=1' });
    expect(calls).toEqual([]);
    expect(data.rendered).toBeUndefined();
  });
});

test.each([
  ['no journey', { status: 400, body: { message: 'No Configuration found' } }, 404, 'This sign-in page does not exist'],
  ['no such realm', { status: 400, body: { message: 'Invalid realm, /x' } }, 404, 'This sign-in page does not exist'],
  ['a fault', { status: 500, body: {} }, 500, 'Something went wrong on our side'],
])('%s is said in the HTML, by its status too', async (_what, answer, status, heading) => {
  const rendered = await renderPage([{ ...answer, headers: { 'x-transaction-id': 'tx-7' } }]);
  expect(rendered.status).toBe(status);
  expect(headingOf(rendered.html)).toBe(heading);
  expect(rendered.html).toContain(`<title>Error: ${heading} – Assent</title>`);
  expect(rendered.html.includes('tx-7')).toBe(status === 500);
});

test('a server that is too busy says when it will try again', async () => {
  const { status, html, data } = await renderPage([{ status: 503, body: {}, headers: { 'retry-after': '8' } }]);
  expect(status).toBe(503);
  expect(html).toContain('Very busy. Trying again in 8 s.');
  expect(data.rendered?.connection).toEqual({ kind: 'busy', for: 8_000 });
});

test('who is signed in is greeted by name', async () => {
  const { html, data } = await renderPage([
    { body: { tokenId: '', successUrl: '/am/console' } },
    { body: { id: 'An<n>' } },
  ]);
  expect(headingOf(html)).toBe('Signed in as <bdi>An&lt;n></bdi>');
  expect(html).toContain('<title>Signed in as An&lt;n> – Assent</title>');
  expect(html).toContain('href="https://id.example.com/am/console"');
  expect(data.rendered?.state).toMatchObject({ kind: 'signed-in', name: 'An<n>' });
});

test('a sign-in that needs no step leads on to where its address says', async () => {
  const { html, data } = await renderPage([{ body: { tokenId: '', successUrl: 'https://app.example.com/cb' } }], {
    query: '?goto=https%3A%2F%2Fapp.example.com%2Fcb',
  });
  expect(headingOf(html)).toBe('Signed in');
  expect(html).toContain('href="https://app.example.com/cb"');
  expect(data.rendered?.state).toEqual({ kind: 'success', successUrl: 'https://app.example.com/cb' });
});

describe('a form that was sent by a browser without our script', () => {
  const step = { authId: 'a1', callbacks: credentials.callbacks };
  const posted = (more: object = {}, of: object = step) =>
    steps.seal(JSON.stringify({ step: of, first: true, username: '', ...more }));
  const typed = { 'answer-0': 'demo', 'answer-1': 'secret' };
  const poll = {
    type: 'PollingWaitCallback',
    output: [
      { name: 'waitTime', value: '5000' },
      { name: 'message', value: 'Waiting' },
    ],
  };
  const number = {
    type: 'HiddenValueCallback',
    output: [
      { name: 'value', value: '483201' },
      { name: 'id', value: 'pushChallengeNumber' },
    ],
    input: [{ name: 'IDToken1', value: 'pushChallengeNumber' }],
  };
  const waiting = (left: number, authId = 'w1') => ({
    authId,
    callbacks: [poll, number],
    assent: { now: 1_000, journeyExpiresAt: 9_000_000, phone: { for: 'sign-in', expiresAt: 1_000 + left } },
  });
  const bodiesOf = (calls: readonly PageCall[]) => calls.map(({ body }) => JSON.parse(body) as Record<string, unknown>);

  test('answers its step, and is answered with the next screen', async () => {
    const next = { authId: 'a2', callbacks: [field('NameCallback', 'Recovery Code')] };
    const { html, calls, data, held } = await renderPage([{ body: next }], { form: { step: posted(), ...typed } });
    expect(bodiesOf(calls)).toEqual([
      {
        authId: 'a1',
        callbacks: [
          expect.objectContaining({ input: [{ name: 'IDToken1', value: 'demo' }] }),
          expect.objectContaining({ input: [{ name: 'IDToken1', value: 'secret' }] }),
        ],
      },
    ]);
    expect(headingOf(html)).toBe('Use a recovery code');
    expect(html).not.toContain('secret');
    expect(html).toMatch(
      /<form id="step"[^>]*method="post".*<input type="hidden" name="step" value="[^"]*a2[^>]*><\/form>/,
    );
    expect(data).toMatchObject({ isAnswer: true, rendered: { username: 'demo', state: { first: false } } });
    expect(held).toBeUndefined();
  });

  test('with a wrong password is asked again, with its name', async () => {
    const failure = { status: 401, body: { code: 401, message: 'Login failure', detail: { failureUrl: '' } } };
    const { html, calls } = await renderPage([failure, { body: { ...credentials, authId: 'a2' } }], {
      form: { step: posted(), ...typed },
    });
    expect(bodiesOf(calls).map(({ authId }) => authId)).toEqual(['a1', undefined]);
    expect(html).toContain('That did not work. Check your username and password.');
    expect(html).toContain('value="demo"');
    expect(html).not.toContain('secret');
  });

  test('that was left open too long goes out again with a new step', async () => {
    const expired = {
      status: 401,
      body: { code: 401, message: 'Session has timed out', detail: { errorCode: '110' } },
    };
    const { calls } = await renderPage(
      [expired, { body: { ...credentials, authId: 'a2' } }, { body: waiting(60_000) }],
      {
        form: { step: posted(), ...typed },
      },
    );
    expect(bodiesOf(calls).map(({ authId }) => authId)).toEqual(['a1', undefined, 'a2']);
  });

  test('without an answer that is needed is not sent on; what was typed stays, but for the password', async () => {
    const { html, calls } = await renderPage([], { form: { step: posted(), 'answer-0': '', 'answer-1': 'secret' } });
    expect(calls).toEqual([]);
    expect(html).toContain('Enter your User &lt;b>Name&lt;/b>');
    expect(html).toMatch(/data-position="0"[^>]*aria-invalid="true"/);
    expect(html).not.toContain('secret');
  });

  test('of a step that is forged says what the server says of it, and nothing else', async () => {
    const forged = { status: 400, body: { code: 400, message: 'AuthId JWT Signature not valid' } };
    const { html, status } = await renderPage([forged], { form: { step: posted(), ...typed } });
    expect(status).toBe(400);
    expect(headingOf(html)).toBe('Something went wrong on our side');
  });

  test.each<[form: Readonly<Record<string, string>>, reason: RegExp]>([
    [{}, /^The field step is missing/],
    [{ step: 'x' }, /^The field step is no step/],
    [{ step: posted(), press: 'x' }, /^The field press is none of/],
  ])('that is none of ours (%j) is refused, and calls nobody', async (form, reason) => {
    const { visit, calls } = visitOf([], { form });
    expect(await view.render(visit)).toEqual({ status: 400, refusal: expect.stringMatching(reason) });
    expect(calls).toEqual([]);
  });

  describe('that waits for the phone', () => {
    test('is held open, with an end for each thing that may come', async () => {
      const { html, held } = await renderPage([{ body: waiting(60_000) }], { form: { step: posted(), ...typed } });
      expect(headingOf(html)).toBe('Check your phone');
      expect(html).toMatch(/name="press" form="step"[^>]*value="check"|form="step" name="press" value="check"/);
      expect(held?.authId).toBe('w1');
      expect(held?.closings.ready).toContain('<h1>Your phone has answered</h1>');
      expect(held?.closings.expired).toContain('value="go-on">Send a new one<');
      expect(held?.closings.withdrawn).toContain('value="over">Start over<');
    });

    test('looks before it submits: a request that ran out is not sent anew unasked', async () => {
      const form = { step: posted({ first: false }, waiting(60_000)), press: 'check' };
      const { html, calls, held } = await renderPage([{ body: waiting(0) }], { form });
      expect(bodiesOf(calls)).toEqual([{ authId: 'w1' }]);
      expect(headingOf(html)).toBe('The request ran out');
      expect(html).toContain('value="go-on"');
      expect(held).toBeUndefined();
    });

    test('submits where there is something to come, also once more after a reload', async () => {
      const form = { step: posted({ first: false }, waiting(60_000)), press: 'check' };
      const success = { body: { tokenId: '', successUrl: '/am/console' } };
      const again = {
        status: 401,
        body: { code: 401, message: 'Session has timed out', detail: { errorCode: '110' } },
      };
      for (const looked of [{ body: waiting(30_000) }, again]) {
        const { html, calls } = await renderPage([looked, success], { form });
        expect(bodiesOf(calls)[1]).toMatchObject({ authId: 'w1', callbacks: [{ type: 'PollingWaitCallback' }, {}] });
        expect(headingOf(html)).toBe('Signed in');
        expect(html).toContain('href="https://id.example.com/am/console"');
      }
    });
  });

  test('renders the setup code, which no script will', async () => {
    const uri = 'pushauth://push/Assent:demo?s=abc';
    const hidden = {
      ...number,
      output: [
        { name: 'value', value: uri },
        { name: 'id', value: 'mfaDeviceRegistration' },
      ],
    };
    const rendered: string[] = [];
    const { html } = await renderPage([{ body: { authId: 'a2', callbacks: [hidden, poll] } }], {
      form: { step: posted(), ...typed },
      renderQr: async (text) => {
        rendered.push(text);
        return { size: 9, path: 'M0 0h1v1h-1z' };
      },
    });
    expect(rendered).toEqual([uri]);
    expect(html).toContain('d="M0 0h1v1h-1z"');
  });

  test('chooses a language, which the browser keeps and the next form brings back', async () => {
    const form = { step: posted(), press: 'language', language: 'de' };
    const { html, cookies, calls } = await renderPage([{ body: credentials }], { form, query: '?locale=fr' });
    expect(cookies).toEqual([expect.stringMatching(/^assent-locale=de;/)]);
    expect(new URL(calls[0]?.url ?? '').searchParams.get('locale')).toBe('de');
    expect(bodiesOf(calls)).toEqual([{ authId: 'a1' }]);
    expect(html).toContain('<html lang="de"');
    expect(html).toMatch(/name="step" value="[^"]*&quot;language&quot;:&quot;de&quot;/);
  });

  test('starts over, or signs out first', async () => {
    const over = await renderPage([{ body: credentials }], { form: { press: 'over' } });
    expect(bodiesOf(over.calls)).toEqual([{}]);
    const another = await renderPage([{ body: {} }, { body: credentials }], { form: { press: 'another' } });
    expect(another.calls.map(({ url }) => new URL(url).pathname.split('/').at(-2))).toEqual(['sessions', 'root']);
    expect(headingOf(another.html)).toBe('Sign in');
  });
});

test('a passkey is offered by a button of the script, and without one the other ways are left (ux §2.9)', async () => {
  const webauthn = { kind: 'get', options: { challenge: 'AQID' } };
  const outcome = {
    type: 'HiddenValueCallback',
    output: [
      { name: 'value', value: 'false' },
      { name: 'id', value: 'webAuthnOutcome' },
    ],
    input: [{ name: 'IDToken1', value: 'webAuthnOutcome' }],
  };
  const first = { authId: 'a1', callbacks: [outcome], assent: { webauthn } };
  const { html, data } = await renderPage([{ body: first }]);
  expect(headingOf(html)).toBe('Use your passkey');
  expect(html).toMatch(/<button class="k-btn k-script" type="button"[^>]*>Use your passkey<\/button>/);
  expect(html).toContain('<p class="k-no-script">This step needs JavaScript.</p>');
  expect(html).toMatch(
    /<button class="k-btn k-no-script" type="submit" form="step" name="answer-0" value="unsupported">Go on without a passkey/,
  );
  expect(data.rendered?.state).toMatchObject({ step: { passkey: webauthn } });

  const step = steps.seal(JSON.stringify({ step: { authId: 'a1', callbacks: [outcome] }, first: true, username: '' }));
  const { calls } = await renderPage([{ body: first }], { form: { step, 'answer-0': 'unsupported' } });
  expect(JSON.parse(calls[0]?.body ?? '')).toMatchObject({ callbacks: [{ input: [{ value: 'unsupported' }] }] });
});
