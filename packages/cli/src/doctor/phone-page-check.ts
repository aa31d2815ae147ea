import { type Finding, ok, warning } from './check.ts';

/** Whether browsers give the phone page what it stands on: keys that cannot be read, a service worker, notifications. */
export const checkPhonePage = (publicUrl: string): Finding => {
  const name = 'phone in the browser';
  const { protocol, hostname } = new URL(publicUrl);
  // What browsers call a secure context (W3C Secure Contexts §3.1).
  const isSecure = protocol === 'https:' || /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
  return isSecure
    ? ok(name, `Browsers may keep keys and be rung at ${publicUrl}/phone.`)
    : warning(
        name,
        `Browsers neither keep keys nor are rung at ${publicUrl}/phone, because it is http.`,
        'serve it by https, or use the official apps or assent phone',
      );
};
