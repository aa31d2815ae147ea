/** Whether a count follows on the stored one: it is higher, or the authenticator does not count at all (WebAuthn Level 3 §6.1.1). */
export const countFollows = (stored: number, sent: number): boolean => stored < sent || (stored === 0 && sent === 0);
