const encoded = (text: string): string => Buffer.from(text).toString('base64url');

/** A setup code as the server of another host would have made it (spec: push-protocol §1.2). */
export const codeOfHost = (code: string, host: string): string => {
  const changed = new URL(code);
  for (const [name, action] of [
    ['r', 'register'],
    ['a', 'authenticate'],
  ] as const) {
    changed.searchParams.set(name, encoded(`https://${host}/am/json/push/sns/message?_action=${action}`));
  }
  return changed.href;
};

/** A setup code whose issuer wants the phone to check who holds it before each approval (spec: push-protocol §1.6). */
export const codeThatDemandsVerification = (code: string): string => {
  const changed = new URL(code);
  changed.searchParams.set('policies', encoded(JSON.stringify({ biometricAvailable: {} })));
  return changed.href;
};
