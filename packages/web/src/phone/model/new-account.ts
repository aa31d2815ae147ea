import type { Account, CodePart } from '../accounts/account.ts';
import { importCodeKey, importSharedKey } from '../accounts/device-keys.ts';
import { type CallIo, register } from '../server/server-calls.ts';
import type { SetupCode } from '../server/setup-code.ts';

/** How connecting an account ended. */
export type ConnectOutcome =
  | { readonly account: Account }
  | { readonly problem: 'used' | 'no-service' | 'unreachable' | 'already-here' };

/** The account that a setup code makes, once its server has registered the phone; it is not kept yet. */
export const newAccount = async (
  io: CallIo,
  code: SetupCode,
  { deviceName, wantsRing, position }: { readonly deviceName: string; wantsRing(): boolean; position(): number },
): Promise<ConnectOutcome> => {
  // The browser's keys first: the server must not learn of a phone that cannot keep its side.
  const codes = code.oath === undefined ? undefined : await codePartOf(code.oath);
  let push: Account['push'];
  if (code.push !== undefined) {
    const registration = await register(io, code.push, {
      sharedKey: await importSharedKey(code.push.scanned.secret),
      deviceName,
      // A relay always works; a push service may not. The phone moves once the server knows it (docs/adr/0010).
      channel: { type: 'relay', deviceId: io.newId() },
      wantsRing: wantsRing(),
    });
    if ('problem' in registration) return registration;
    push = registration.push;
  }
  return {
    account: {
      id: io.newId(),
      issuer: code.issuer,
      name: code.account,
      label: undefined,
      colour: code.colour,
      addedAt: io.clock.now(),
      position: position(),
      push,
      codes,
    },
  };
};

const codePartOf = async (oath: NonNullable<SetupCode['oath']>): Promise<CodePart> => {
  const key = await importCodeKey(oath.secret, oath.type === 'totp' ? oath.hash : 'SHA1');
  if (oath.type === 'totp') return { type: 'totp', key, digits: oath.digits, periodSeconds: oath.periodSeconds };
  return {
    type: 'hotp',
    key,
    digits: oath.digits,
    counter: oath.counter,
    checksumDigit: oath.checksumDigit === true,
    truncationOffset: oath.truncationOffset ?? -1,
  };
};
