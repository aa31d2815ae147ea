import { createHmac } from 'node:crypto';
import type { KeyRing } from '@assent/store';

/** What was made with the first key names none, as programs from before keys had names wrote and read it. */
const FIRST = '1';

/**
 * Codes of what was submitted, each under a key that it names: so a retry is told from another submit, and a code from a mail is known, also
 * where the key was replaced in between (SEC-39, SEC-76).
 */
export const submitCodes =
  (keys: Pick<KeyRing, 'active' | 'find'>) =>
  (text: string, like?: string): string => {
    const active = keys.active();
    const id = like === undefined ? active.id : keyIdOf(like);
    // Nothing is like what a key has made that is gone.
    const bytes = id === active.id ? active.bytes : (keys.find(id) ?? active.bytes);
    const mac = createHmac('sha256', bytes).update(text).digest('base64url');
    return id === FIRST ? mac : `${id}.${mac}`;
  };

const keyIdOf = (code: string): string => (code.includes('.') ? code.slice(0, code.indexOf('.')) : FIRST);
