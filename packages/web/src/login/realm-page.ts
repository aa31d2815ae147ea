import { realmName, realmPath } from '../kit/realm-path.ts';
import type { PageAddress } from './page-address.ts';

/** What the server tells our page of its realm. */
export interface RealmPage {
  /** What a person calls the realm. */
  readonly name: string;
  /** A picture as a `data:` URI; undefined for our mark. */
  readonly logo: string | undefined;
  /** `#rrggbb`; undefined for our colour. */
  readonly colour: string | undefined;
  /** Address of the phone in the browser; undefined where the server has none. */
  readonly phone: string | undefined;
}

/** Who signs in does not wait longer for a picture. */
const PATIENCE = 2_000;

/** Reads how the realm looks. Never throws: where nothing comes, or nothing of use, the page looks as ours do. */
export const readRealmPage = async (
  { context, realm }: Pick<PageAddress, 'context' | 'realm'>,
  fetch: typeof globalThis.fetch,
): Promise<RealmPage> => {
  const told = await fetch(`${context}json/${realmPath(realm)}/serverinfo/page`, {
    credentials: 'same-origin',
    redirect: 'error',
    signal: AbortSignal.timeout(PATIENCE),
  })
    .then((response) => (response.ok ? response.json() : undefined))
    .catch(() => undefined);
  const { name, logo, color, phone } = (told ?? {}) as Readonly<Record<string, unknown>>;
  const textLike = (value: unknown, pattern: RegExp): string | undefined =>
    typeof value === 'string' && pattern.test(value) ? value : undefined;
  return {
    name: textLike(name, /./) ?? realmName(realm),
    logo: textLike(logo, /^data:image\/(?:png|jpeg|webp);base64,/),
    colour: textLike(color, /^#[0-9a-f]{6}$/i),
    phone: phone === true ? new URL('phone/', context).href : undefined,
  };
};
