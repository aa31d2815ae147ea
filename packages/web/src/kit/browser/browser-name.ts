import { cleanText, cutText } from '@assent/push/protocol';

/** The first that matches names the browser: the others claim to be each other. */
const browsers: readonly (readonly [RegExp, string])[] = [
  [/\bEdgi?A?(?:OS)?\//, 'Edge'],
  [/\bOPR\/|\bOPT\//, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\b(?:Headless)?Chrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
];

const systems: readonly (readonly [RegExp, string])[] = [
  [/\biPhone\b|\biPod\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
];

const firstOf = (known: readonly (readonly [RegExp, string])[], text: string): string | undefined =>
  known.find(([pattern]) => pattern.test(text))?.[1];

/** "Firefox · Windows", or the first words of a header that names no browser that we know. Whoever signs in wrote it. */
export const browserName = (userAgent: string): string => {
  const browser = firstOf(browsers, userAgent);
  if (browser === undefined) return cutText(cleanText(userAgent), 60);
  const system = firstOf(systems, userAgent);
  return system === undefined ? browser : `${browser} · ${system}`;
};
