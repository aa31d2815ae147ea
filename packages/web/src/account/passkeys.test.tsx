import { renderToString } from 'preact-render-to-string';
import { afterEach, expect, test, vi } from 'vitest';
import { createAccountClient, type Device, type Owner, type PasskeyFacts } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { DevicesSection } from './devices-section.tsx';
import { forgetPasskey } from './forget-passkey.ts';
import { accountTextsEn as texts } from './texts/texts.en.ts';

afterEach(() => vi.unstubAllGlobals());

const passkey = (assent?: Partial<PasskeyFacts>): Device => ({
  kind: 'webauthn',
  uuid: 'u1',
  deviceName: 'Windows',
  createdDate: 1,
  lastAccessDate: 2,
  credentialId: 'AQID',
  ...(assent && { assent: { synced: false, deviceBound: false, attested: false, ...assent } }),
});
const shown = (device: Device): string => {
  const times = { day: () => '3 March', moment: () => '14:05' };
  const work = { texts, times, journey: (name: string) => `login?service=${name}` } as unknown as AccountWork;
  const heading = { current: null };
  return renderToString(<DevicesSection work={work} devices={[device]} intention={undefined} heading={heading} />);
};

test.each<[Partial<PasskeyFacts> | undefined, string]>([
  [undefined, 'Passkey · added'],
  [{}, 'Passkey · added'],
  [{ synced: true }, 'Passkey · synced · added'],
  [{ deviceBound: true, model: 'YubiKey 5' }, 'Passkey · on one device only · claims to be YubiKey 5 · added'],
  [{ model: 'YubiKey 5', attested: true }, 'Passkey · YubiKey 5 · added'],
])('of a passkey %j is told as "%s" (WA-23)', (facts, line) => {
  const html = shown(passkey(facts));
  expect(html).toContain(line);
  expect(html).not.toContain('there may be a copy');
  expect(html).toContain('href="login?service=AddPasskey"');
});

test('one that has counted less than before is marked (WA-11)', () => {
  expect(shown(passkey({ counterMismatchAt: 5 }))).toContain('On 14:05 it counted less than before');
});

test('the browser is told of one that is gone, where it listens', () => {
  const told: unknown[] = [];
  forgetPasskey(passkey({ rpId: 'example.com' }));
  vi.stubGlobal('PublicKeyCredential', {});
  forgetPasskey(passkey({ rpId: 'example.com' }));
  const signalUnknownCredential = async (it: unknown) => {
    told.push(it);
    throw new DOMException('', 'SecurityError');
  };
  vi.stubGlobal('PublicKeyCredential', { signalUnknownCredential });
  forgetPasskey(passkey({}));
  expect(told).toEqual([]);
  forgetPasskey(passkey({ rpId: 'example.com' }));
  expect(told).toEqual([{ rpId: 'example.com', credentialId: 'AQID' }]);
});

test('passkeys are among the devices, with their codes; a server from before them has none', async () => {
  const owner: Owner = { kind: 'signed-in', name: 'ada', realm: '/' };
  const clientOf = (list: Response) =>
    createAccountClient({
      context: 'https://id.example.com/am/',
      language: () => 'en',
      fetch: async (url) => {
        if (String(url).includes('2fa/webauthn?_queryFilter')) return list;
        return Response.json(String(url).includes('countCodes') ? { result: 7 } : { result: [] });
      },
    });
  const { kind: _, ...item } = passkey({ synced: true });
  const known = await clientOf(Response.json({ result: [item] })).overview(owner);
  expect(known).toMatchObject({
    value: { devices: [passkey({ synced: true })], codesLeft: [{ kind: 'webauthn', count: 7 }] },
  });
  const older = await clientOf(Response.json({ code: 404 }, { status: 404 })).overview(owner);
  expect(older).toMatchObject({ kind: 'done', value: { devices: [], codesLeft: [] } });
});
