import { createHash } from 'node:crypto';
import type { RealmSettings } from '@assent/engine';
import type { RealmAppearance } from '@assent/wire';
import { type RealmLogo, readLogo } from '../realms/realm-logo.ts';

/** The logo of a realm as the pages load it. */
export interface KnownLogo extends RealmLogo {
  /** Changes with the picture. */
  readonly version: string;
}

/** How the pages of a realm look; each picture is read once for as long as its settings are in force. */
export class RealmAppearances {
  readonly #logos = new WeakMap<RealmSettings, KnownLogo | 'none'>();

  logoOf(realm: RealmSettings): KnownLogo | undefined {
    let known = this.#logos.get(realm);
    if (known === undefined) {
      const logo = readLogo(realm.brandLogo);
      known = logo === undefined ? 'none' : { ...logo, version: versionOf(logo.bytes) };
      this.#logos.set(realm, known);
    }
    return known === 'none' ? undefined : known;
  }

  /** Empty for a realm that is not there. The address of the logo is relative to the folder of all our pages. */
  of(realm: RealmSettings | undefined): RealmAppearance {
    if (realm === undefined) return {};
    const logo = this.logoOf(realm);
    const src = logo && `login/logo?${new URLSearchParams({ realm: realm.realm, v: logo.version })}`;
    return {
      locale: realm.locale,
      ...(realm.brandName !== '' && { name: realm.brandName }),
      ...(realm.brandColor !== '' && { colour: realm.brandColor }),
      ...(src !== undefined && { logo: { src, ...logo?.size } }),
    };
  }
}

const versionOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url').slice(0, 22);
