import type { MessageFingerprints, PushMessage } from './messages.ts';

/** What a fingerprint is made of. */
export type FingerprintRow = Pick<PushMessage, 'id' | 'request' | 'deviceUuid' | 'state' | 'reason' | 'delivery'>;

/** The fingerprint of a request whose phones ring, and of a phone with nothing to answer. */
export const QUIET = '';

const groupedBy = (
  rows: readonly FingerprintRow[],
  key: 'request' | 'deviceUuid',
): ReadonlyMap<string, FingerprintRow[]> => {
  const groups = new Map<string, FingerprintRow[]>();
  for (const row of rows) {
    const group = groups.get(row[key]);
    if (group === undefined) groups.set(row[key], [row]);
    else group.push(row);
  }
  return groups;
};

const requestFingerprint = (rows: readonly FingerprintRow[] | undefined): string => {
  if (rows === undefined) return 'gone';
  if (rows.every(({ state }) => state === 'pending')) {
    return rows.every(({ delivery }) => delivery === 'unreachable') ? 'unreachable' : QUIET;
  }
  return rows
    .map(({ id, state, reason = '' }) => `${id} ${state} ${reason}`)
    .sort()
    .join(',');
};

const phoneFingerprint = (ringing: readonly FingerprintRow[]): string =>
  ringing
    .map(({ id }) => id)
    .sort()
    .join(',');

/** How the requests stand that were asked for, by all of their rows, and how phones stand, by what rings there. */
export const messageFingerprints = (
  requests: readonly string[],
  rowsOfRequests: readonly FingerprintRow[],
  ringing: readonly FingerprintRow[],
): MessageFingerprints => {
  const byRequest = groupedBy(rowsOfRequests, 'request');
  return {
    requests: new Map(requests.map((request) => [request, requestFingerprint(byRequest.get(request))])),
    phones: new Map([...groupedBy(ringing, 'deviceUuid')].map(([uuid, rows]) => [uuid, phoneFingerprint(rows)])),
  };
};
