/**
 * Outcomes that the nodes of device binding have by themselves. None of them can be listed as an error of the client: an app that says of
 * itself that it has succeeded would have (WA-40).
 */
export const OUTCOMES_OF_BINDING: ReadonlySet<string> = new Set([
  'success',
  'failure',
  'exceedDeviceLimit',
  'noDeviceRegistered',
  'keyNotFound',
]);

/** What a client says that kept it from signing, where the settings list it in these very letters; undefined for any other text (WA-40). */
export const listedClientError = (said: string, listed: readonly string[]): string | undefined =>
  listed.find((name) => name === said && !OUTCOMES_OF_BINDING.has(name));
