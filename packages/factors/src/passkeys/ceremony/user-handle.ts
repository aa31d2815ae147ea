import { sameText } from '@assent/engine/host';
import { decodeText } from '@assent/push/protocol';

/** What a mobile SDK puts into a path where other callers put the name of the user; undefined for a handle that is no base64url of a text. */
export const tokenOfUserHandle = (handle: string): string | undefined => decodeText(handle);

/**
 * Whether a client has sent the handle that was issued. Some send the text that the authenticator keeps, and others that text as base64url once
 * more, padded or not (spec: webauthn §4): at most one level is undone, so that no third text is taken for it (WA-13).
 */
export const isSameUserHandle = (sent: string, issued: string): boolean => {
  const expected = withoutPadding(issued);
  const inner = decodeText(sent.trim());
  return (
    sameText(withoutPadding(sent.trim()), expected) ||
    (inner !== undefined && sameText(withoutPadding(inner), expected))
  );
};

const withoutPadding = (text: string): string => text.replace(/={1,2}$/, '');
