/**
 * The attribute of a user that keeps what became of the offer of a passkey: `never`, or when it was put off, or the browser was last left to make
 * one, as RFC 3339 writes it.
 * Whoever empties it has the user asked again.
 */
export const OFFER_ATTRIBUTE = 'passkeyOffer';

const NEVER = 'never';
const REST_DAYS = 30;
const DAY_MILLIS = 86_400_000;

/** Whether a user may be asked again. What stands there and means nothing keeps nobody from being asked. */
export const isOfferDue = (values: readonly string[] | undefined, now: number): boolean => {
  const [said] = values ?? [];
  if (said === undefined) return true;
  if (said === NEVER) return false;
  const putOffAt = Date.parse(said);
  return Number.isNaN(putOffAt) || now - putOffAt >= REST_DAYS * DAY_MILLIS;
};

/** What the attribute then says. A user who has said never has said so for good, whatever another tab says meanwhile. */
export const rememberOffer =
  (answer: 'notNow' | 'never', now: number) =>
  (values: readonly string[]): readonly string[] =>
    values.includes(NEVER) || answer === 'never' ? [NEVER] : [new Date(now).toISOString()];
