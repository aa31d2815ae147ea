import { expect, test } from 'vitest';
import type { Step } from '../step/step.ts';
import { asStep, at, credentials, field, stepState, timedOut, visit, wait } from '../testing/visit.ts';

const inGerman = (authId: string): Step => ({
  authId,
  callbacks: [field('NameCallback', 'Benutzername'), field('PasswordCallback', 'Passwort')],
});

// ux.md §7.2 K7
test('another language asks for the same step in other words, on the same screen', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  const { serial } = stepState(page.journey);
  page.journey.reword();
  expect(page.sent.at(-1)).toEqual({ call: 'resume', authId: 'a1' });
  await page.answer(asStep(inGerman('a2')));
  expect(stepState(page.journey)).toMatchObject({ serial, first: true, busy: false, step: { authId: 'a2' } });
});

test('what is pressed while the step is being reworded is sent once it is there', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.reword();
  page.journey.submit({ 0: 'demo', 1: 'pw' });
  await page.answer(asStep(inGerman('a2')));
  expect(page.sent.at(-1)).toEqual({ call: 'submit', authId: 'a2', values: ['demo', 'pw'] });
});

test('a language chosen while a call is on its way rewords the step that the call brings', async () => {
  const page = visit();
  page.journey.open();
  page.journey.reword();
  await page.answer(asStep(credentials('a1')));
  expect(page.sent.at(-1)).toEqual({ call: 'resume', authId: 'a1' });
  await page.answer(asStep(inGerman('a2')));
  expect(page.sent).toHaveLength(2);
});

test('a wait goes on being polled after it was reworded', async () => {
  const page = await at(wait('a2'));
  page.journey.reword();
  await page.answer(asStep(wait('a3')));
  page.ring();
  expect(page.sent.at(-1)).toMatchObject({ call: 'submit', authId: 'a3' });
});

test('a first step that ran out while its language changed begins anew', async () => {
  const page = visit();
  page.journey.open();
  await page.answer(asStep(credentials('a1')));
  page.journey.reword();
  await page.answer(timedOut);
  expect(page.sent.at(-1)).toEqual({ call: 'start' });
});
