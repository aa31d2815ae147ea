import type { PagePicture, RealmAppearance } from '@assent/wire';
import { realmName } from '../../kit/browser/realm-path.ts';
import type { PageAddress } from './page-address.ts';

/** What our page shows of its realm. */
export interface RealmPage {
  /** What a person calls the realm. */
  readonly name: string;
  /** Undefined for our mark. */
  readonly logo?: PagePicture;
  /** Address of the phone in the browser; undefined where the server has none. */
  readonly phone?: string;
}

/** How the page of a realm looks; what a realm has not set looks as ours does. */
export const realmPageOf = (
  { context, realm }: Pick<PageAddress, 'context' | 'realm'>,
  { name, logo }: RealmAppearance,
  hasPhone: boolean,
): RealmPage => ({
  name: name ?? realmName(realm),
  ...(logo && { logo: { ...logo, src: new URL(logo.src, context).href } }),
  ...(hasPhone && { phone: new URL('phone/', context).href }),
});
