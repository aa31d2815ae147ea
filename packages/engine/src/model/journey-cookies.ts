/** A cookie that a node wants the browser to keep; the server spells it (RFC 6265 §4.1). */
export interface JourneyCookie {
  readonly name: string;
  readonly value: string;
  /** For as long as the browser runs where absent. */
  readonly maxAgeSeconds?: number;
  /** The server's own host where absent. */
  readonly domain?: string;
  /** The path of the request where absent. */
  readonly path?: string;
  /** Only over https; a server that is reached by http leaves it out, since browsers would drop the cookie. */
  readonly secure: boolean;
  readonly httpOnly: boolean;
  readonly sameSite?: 'strict' | 'lax' | 'none';
}
