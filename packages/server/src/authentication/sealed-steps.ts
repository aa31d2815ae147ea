import { createHmac } from 'node:crypto';
import { sameText } from '@assent/engine/host';
import type { KeyRing } from '@assent/store';

/** Separates these MACs from all others that the same key makes: no JWS has a blank in what is signed. */
const PURPOSE = 'step of a form\n';
/** Key id, MAC of 32 bytes in base64url, text. */
const SEALED = /^(\w{1,16})\.([\w-]{43})\./;

/** Marks the steps that go out in the forms of our pages, so that the text of no other step is ever parsed (SEC-94). */
export class SealedSteps {
  readonly #keys: Pick<KeyRing, 'active' | 'find'>;
  readonly #lookForKeys: () => Promise<unknown> | undefined;

  /** `lookForKeys` reads keys that another instance has made; undefined where that was tried a moment ago. */
  constructor(
    keys: Pick<KeyRing, 'active' | 'find'>,
    lookForKeys: () => Promise<unknown> | undefined = () => undefined,
  ) {
    this.#keys = keys;
    this.#lookForKeys = lookForKeys;
  }

  /** What to wait for before such a text is opened: it names a key that this instance has not read. */
  reading(sealed: string): Promise<unknown> | undefined {
    const id = SEALED.exec(sealed)?.[1];
    return id === undefined || this.#keys.find(id) !== undefined ? undefined : this.#lookForKeys();
  }

  seal(text: string): string {
    const { id, bytes } = this.#keys.active();
    return `${id}.${mac(bytes, text)}.${text}`;
  }

  /** The text, if this installation has sealed it and its key is still in use; undefined for any other. */
  open(sealed: string): string | undefined {
    const [envelope = '', id = '', given = ''] = SEALED.exec(sealed) ?? [];
    const key = id === '' ? undefined : this.#keys.find(id);
    if (key === undefined) return undefined;
    const text = sealed.slice(envelope.length);
    return sameText(mac(key, text), given) ? text : undefined;
  }
}

const mac = (key: Uint8Array, text: string): string =>
  createHmac('sha256', key).update(PURPOSE).update(text).digest('base64url');
