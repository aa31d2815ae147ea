/** A call of a page of ours to our own API, as its client makes it. */
export interface PageCall {
  /** Absolute, below the context path. */
  readonly url: string;
  /** JSON. */
  readonly body: string;
}

/** What a page of ours is answered. */
export interface PageReply {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** A picture for `<img>`, with its size where that is known: then nothing moves when the picture comes. */
export interface PagePicture {
  /** Relative to the page. */
  readonly src: string;
  readonly width?: number;
  readonly height?: number;
}

/** The appearance of a realm; empty settings are left out. */
export interface RealmAppearance {
  readonly name?: string;
  readonly logo?: PagePicture;
  /** `#rrggbb` */
  readonly colour?: string;
  /** The realm's own language, a BCP 47 tag; absent where there is no such realm. */
  readonly locale?: string;
}

/** A QR code as one SVG path in a square of `size` modules, or that it would be too long for any. */
export type QrCode = { readonly size: number; readonly path: string } | 'too-long';

/** Marks texts that go out in a form, and knows its own again. */
export interface TextSeal {
  seal(text: string): string;
  /** The text that was sealed; undefined for what this server has not sealed. */
  open(sealed: string): string | undefined;
}

/** Somebody who opens the login page, or sends a form of it. */
export interface LoginVisit {
  /** Address of the page as the browser has it. */
  readonly href: string;
  /** The header `Cookie`. */
  readonly cookies: string;
  /** Languages that the browser prefers, best first. */
  readonly languages: readonly string[];
  /** Whether the phone in the browser is there to be led to. */
  readonly hasPhone: boolean;
  /** Allows the one style sheet in the page; of this answer alone. */
  readonly nonce: string;
  /** Fields of the form that was sent, by name; absent for somebody who only opens the page. */
  readonly form?: Readonly<Record<string, string>>;
  /** Seals the step that a form brings back: nothing of a step is read before its seal is verified. */
  readonly steps: TextSeal;
  appearanceOf(realm: string): RealmAppearance;
  /** Renders a QR code without keeping anybody else waiting. */
  renderQr(text: string): Promise<QrCode>;
  /** Calls our own API for the visitor. Undefined for what would change something while the page is only opened. */
  call(call: PageCall): Promise<PageReply | undefined>;
}

/** An answer that is not yet at its end: what it ends with says what became of the request to the phone. */
export interface HeldLogin {
  /** Of the step that waits. */
  readonly authId: string;
  readonly closings: Readonly<Record<'ready' | 'expired' | 'withdrawn', string>>;
}

/** The login page as HTML. */
export interface RenderedLogin {
  /** 200, also for a sign-in that failed; else that of a page that is not there, or of a server that cannot answer. */
  readonly status: number;
  /** All but its end. */
  readonly html: string;
  readonly end: string;
  readonly cookies?: readonly string[];
  /** Present on a page that waits for a phone; it comes before the end. */
  readonly held?: HeldLogin;
}

/** The form is none of ours; in a sentence that names the field and the fix. */
export interface RefusedForm {
  readonly status: 400;
  readonly refusal: string;
}

/** Renders the login page on the server. @see docs/adr/0021 */
export interface LoginView {
  render(visit: LoginVisit): Promise<RenderedLogin | RefusedForm>;
}

/** What the built view exports: `template` is the built HTML of the page. */
export type CreateLoginView = (template: string) => LoginView;
