import { describe, expect, test } from 'vitest';
import { emailTemplate, plainTextOf, renderTemplate } from './email-template.ts';

const template = (given: Record<string, unknown> = {}) =>
  emailTemplate.parse({
    subject: { en: 'Hello {{object.userName}}' },
    message: { en: '<p>{{object.userName}}</p>' },
    ...given,
  });
const render = (given: Record<string, unknown>, object: Record<string, unknown>, locales = ['en']) =>
  renderTemplate(template(given), object, locales);

describe('a template is refused', () => {
  test.each([
    ['subject', { qq_QQ: 'x' }],
    ['message', { en: '{{#if object.mail}}x{{/if}}' }],
    ['message', { en: '{{userName}}' }],
    ['subject', { en: '{{object}}' }],
    ['message', { en: '{{{object.a b}}}' }],
    ['mimeType', 'text/markdown'],
    ['defaultLocale', 'english'],
    ['enabled', 'yes'],
  ])('with a %s of %j', (name, value) => {
    const { error } = emailTemplate.safeParse({ [name]: value });
    expect(error?.issues[0]?.path[0]).toBe(name);
  });
});

test('an export brings more than a mail needs, and keeps it', () => {
  const exported = { displayName: 'Welcome', styles: 'body{}', templateId: 'welcome', subject: { en: 'Hi' } };
  expect(emailTemplate.parse(exported)).toMatchObject({ ...exported, enabled: true, from: '', mimeType: 'text/html' });
});

test.each([
  ['it is switched off', { enabled: false }],
  ['it has no subject', { subject: {} }],
  ['it has no message', { message: {} }],
])('says nothing where %s', (_reason, given) => {
  expect(render(given, {})).toBeUndefined();
});

test.each([
  [['fr'], 'Bonjour'],
  [['fr-CA'], 'Bonjour'],
  [['ja'], 'Hallo'],
])('a reader of %s is greeted with %s', (locales, greeting) => {
  const given = { defaultLocale: 'de', subject: { en: 'Hello', fr: 'Bonjour', de: 'Hallo' } };
  expect(render(given, {}, locales)?.subject).toBe(greeting);
});

test('fills in members, however deep, and nothing for what is not there', () => {
  const message = { en: '{{object.a.b}}|{{ object.n }}|{{object.missing.x}}|{{object.constructor}}|{{object.list}}' };
  const object = { a: { b: 'deep' }, n: 3, list: ['x', 'y'] };
  expect(render({ message, mimeType: 'text/plain' }, object)?.text).toBe('deep|3|||["x","y"]');
});

test('no value brings markup, with two braces or with three, and none is filled in again (SEC-66)', () => {
  const message = { en: '<p>{{object.name}} {{{object.name}}}</p>' };
  const name = `<script>alert('x')</script>{{object.secret}}$&`;
  const result = render({ message }, { name, secret: 's3cret' });
  expect(result?.html).not.toMatch(/<script|s3cret/);
  expect(result?.html?.match(/&lt;script&gt;/g)).toHaveLength(2);
  expect(result?.text).toContain(name);
});

test('a template that would become too long with its values is refused before it is built (SEC-94)', () => {
  const message = { en: '{{object.cn}}'.repeat(5_000) };
  for (const mimeType of ['text/html', 'text/plain'] as const) {
    expect(() => render({ message, mimeType }, { cn: '&'.repeat(7_500) })).toThrow('more than 262144 characters');
  }
});

test('a plain text stays as it is', () => {
  const message = { en: 'Follow {{object.resumeURI}} & <go on>' };
  const resumeURI = 'https://login.example.org/am/login?a=1&b=2';
  expect(render({ message, mimeType: 'text/plain' }, { resumeURI })).toEqual({
    subject: 'Hello ',
    text: `Follow ${resumeURI} & <go on>`,
  });
});

test('who sees no HTML reads the words, and the address of each link', () => {
  const html =
    '<html><head><title>t</title><style>p{}</style></head><body><h1>Reset</h1><p>Dear &amp; you,</p>\n' +
    '<a class="b" href="https://x.example/?a=1&amp;b=2">Reset it</a><br/>Bye</body></html>';
  expect(plainTextOf(html)).toBe('Reset\nDear & you,\n\nReset it https://x.example/?a=1&b=2\nBye');
});
