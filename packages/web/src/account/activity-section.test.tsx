import { renderToString } from 'preact-render-to-string';
import { expect, test } from 'vitest';
import type { Activity } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { ActivitySection } from './activity-section.tsx';
import { accountTextsEn as texts } from './texts/texts.en.ts';

const shown = (outcome: string): string => {
  const work = {
    texts,
    owner: { realm: '/', name: 'ada' },
    times: { moment: (time: string) => time },
  } as unknown as AccountWork;
  const items: readonly Activity[] = [
    { _id: '1', time: '2026-12-01T06:00:00Z', event: 'MFA_RESET', outcome, byAdministrator: true },
  ];
  return renderToString(
    <ActivitySection work={work} page={{ items, next: null } as never} sessions={[]} toDevices={() => undefined} />,
  );
};

test.each([
  ['webauthn', 'Passkey'],
  ['push,oath,binding', 'Phone, Code app, Registered app'],
  ['push,of a newer server', 'Phone, of a newer server'],
])('a reset of %s is one line that names the kinds', (outcome, kinds) => {
  const html = shown(outcome).replaceAll(/<\/?bdi[^>]*>/g, '');
  expect(html).toContain(`All devices of these kinds removed: ${kinds}`);
});
