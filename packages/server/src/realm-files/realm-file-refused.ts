/** What of a file cannot be used; the message names the member that is wrong. */
export class RealmFileRefused extends Error {
  override readonly name = 'RealmFileRefused';
}
