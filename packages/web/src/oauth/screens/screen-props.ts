import type { OAuthScreen } from '@assent/wire';
import type { Say } from '../texts/say.ts';

/** What every screen gets: what it shows, and where it is shown. */
export interface ScreenProps<Kind extends OAuthScreen['kind']> {
  readonly screen: Extract<OAuthScreen, { readonly kind: Kind }>;
  readonly say: Say;
  /** Path of the folder of all our pages, such as `/am/`. */
  readonly folder: string;
  /** Path of the realm, such as `/alpha`. */
  readonly realm: string;
  /** What a person calls the realm. */
  readonly realmName: string;
  readonly reference: string;
}
