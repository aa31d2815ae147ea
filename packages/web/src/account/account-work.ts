import type { AccountClient, Owner, Reply } from './account-client.ts';
import type { Intention, JourneyOfPage } from './step-up.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';
import type { Times } from './times.ts';

/** What every part of the page works with. */
export interface AccountWork {
  readonly client: AccountClient;
  readonly owner: Owner;
  readonly texts: AccountCatalogue;
  readonly times: Times;
  /** The address of a journey that comes back to this page. */
  journey(service: JourneyOfPage, intention?: Intention): string;
  /**
   * Sends a change; what came of it is for all to see: the page is read again, or asks for a second factor. Undefined
   * where the change did not come about.
   */
  change<T>(intention: Intention | undefined, send: () => Promise<Reply<T>>, done: string): Promise<T | undefined>;
}
