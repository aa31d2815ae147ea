import { describe, expect, test } from 'vitest';
import type { PushTransport } from '../delivery/push-transport.ts';
import type { PushEnvelope } from '../model/messages.ts';
import type { CommunicationType } from '../protocol/index.ts';

export interface TransportUnderTest {
  readonly transport: PushTransport;
  /** A type that it serves. */
  readonly communicationType: CommunicationType;
  /** The token of a phone with that name, where a token has a form; else the name is the token. */
  readonly tokenOf?: (name: string) => string;
  /** Ids of the messages that arrived at the provider, or woke the phone, for that address. */
  delivered(communicationId: string): Promise<readonly string[]>;
  /** How ill a provider can be; absent where there is none. */
  readonly provider?: {
    /** It fails from now on. */
    break(): Promise<void>;
    /** It does not answer any more. */
    silence(): Promise<void>;
    repair(): Promise<void>;
    /** A transport to it that waits a tenth of a second for an answer. */
    readonly impatient: PushTransport;
  };
  close(): Promise<void>;
}

const envelope = (communicationId: string, communicationType: string): PushEnvelope => ({
  communicationType,
  communicationId,
  messageId: 'AUTHENTICATE:c1d4e8f2-3a5b-4c6d-8e7f-90a1b2c3d4e51760000300000',
  jwt: 'eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl',
  text: 'Is this you?',
  pushType: 'DEFAULT',
  expiresAt: 1_760_000_420_000,
});

/** What every transport must do. */
export function describePushTransportContract(name: string, make: () => Promise<TransportUnderTest>): void {
  const withTransport = async (run: (given: TransportUnderTest) => Promise<void>) => {
    const given = await make();
    try {
      await run(given);
    } finally {
      await given.close();
    }
  };
  const register = async ({ transport, communicationType, tokenOf }: TransportUnderTest, name: string) => {
    const result = await transport.register(tokenOf?.(name) ?? name, communicationType);
    if (result.status !== 'registered') throw new Error(result.cause);
    return result.communicationId;
  };

  describe(`${name} as a push transport`, () => {
    test('serves its own types and no other', () =>
      withTransport(async ({ transport, communicationType }) => {
        expect(transport.serves(communicationType)).toBe(true);
        expect(transport.serves('pigeon')).toBe(false);
      }));

    test('gives the same token the same address, and another token another', () =>
      withTransport(async (given) => {
        const first = await register(given, 'token-1');
        expect(first).not.toBe('');
        expect(await register(given, 'token-1')).toBe(first);
        expect(await register(given, 'token-2')).not.toBe(first);
      }));

    test('delivers to the address that it is given, and to no other', () =>
      withTransport(async (given) => {
        const mine = await register(given, 'token-1');
        const other = await register(given, 'token-2');
        const sent = envelope(mine, given.communicationType);
        expect(await given.transport.send(sent)).toEqual({ status: 'sent' });
        expect(await given.delivered(mine)).toEqual([sent.messageId]);
        expect(await given.delivered(other)).toEqual([]);
      }));

    test.each(['break', 'silence'] as const)(
      'blames a provider that it meets in %s, and calls no phone dead for it (REL-09)',
      (how) =>
        withTransport(async (given) => {
          const { provider, transport } = given;
          if (provider === undefined) return;
          const sent = envelope(await register(given, 'token-1'), given.communicationType);
          await provider[how]();
          expect(await (how === 'silence' ? provider.impatient : transport).send(sent)).toMatchObject({
            status: 'failed',
            permanent: false,
            cause: expect.stringMatching(/^\w+$/),
            blame: 'provider',
          });
          await provider.repair();
          expect(await transport.send(sent)).toEqual({ status: 'sent' });
          expect(await given.delivered(sent.communicationId)).toEqual([sent.messageId]);
        }),
    );

    test('tells of a failing provider by its result, and never throws', () =>
      withTransport(async (given) => {
        const address = await register(given, 'token-1');
        if (given.provider === undefined) return;
        await given.provider.break();
        const failed = { status: 'failed', cause: expect.stringMatching(/^\w+$/) };
        expect(await given.transport.send(envelope(address, given.communicationType))).toMatchObject(failed);
        // A provider that learns of a phone beforehand refuses here already; where there is no such provider, sending fails.
        const late = await given.transport.register(given.tokenOf?.('token-3') ?? 'token-3', given.communicationType);
        const told =
          late.status === 'failed'
            ? late
            : await given.transport.send(envelope(late.communicationId, given.communicationType));
        expect(told).toMatchObject(failed);
      }));
  });
}
