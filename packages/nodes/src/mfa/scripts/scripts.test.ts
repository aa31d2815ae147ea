import { describe, expect, test } from 'vitest';
import { htmlText, scriptText } from '../../escaping/script-text.ts';
import { getAppScriptOf } from './get-app-script.ts';
import { qrCodeScript } from './qr-code-script.ts';
import { recoveryCodeScript } from './recovery-code-script.ts';

/** What a client that runs the script has in its page afterwards. */
const htmlAfter = (script: string): string => {
  const made = { innerHTML: '' };
  const place = { innerHTML: '', insertBefore: () => undefined, firstChild: null };
  const document = { createElement: () => made, forms: [place], body: place, getElementById: () => place };
  new Function('document', script)(document);
  return made.innerHTML || place.innerHTML;
};

const HOSTILE = [
  `"; alert(1); "`,
  `'; alert(1); '`,
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '\\"; alert(1); //',
  'line\nbreak\r\u2028\u2029end',
  '`x` $(1)',
  '<em>other</em>',
  '&lt;b&gt;',
];

describe('text as data (SEC-71)', () => {
  test.each(HOSTILE)('%j is one literal for JavaScript, which gives the text back', (text) => {
    const literal = scriptText(text);
    expect(literal).not.toMatch(/["'`<>\n\r\u2028\u2029]/);
    expect(new Function(`return "${literal}"`)()).toBe(text);
  });

  test.each(HOSTILE)('%j opens no element and ends no attribute of HTML', (text) => {
    expect(htmlText(text)).not.toMatch(/["'<>]/);
  });

  test('keeps emoji whole and escapes halves of them', () => {
    expect(scriptText('📱')).toBe('📱');
    expect(scriptText('\ud83d')).toBe('\\uD83D');
    expect(scriptText('\udcf1')).toBe('\\uDCF1');
  });
});

describe('the script of the QR code', () => {
  test('has the shape that clients know, with the address escaped', () => {
    expect(qrCodeScript('pushauth://push/A:b-c?m=1%3A2')).toBe(
      "window.QRCodeReader.createCode({\n    id: 'callback_0',\n    text: 'pushauth\\x3A\\x2F\\x2Fpush\\x2FA\\x3Ab\\x2Dc\\x3Fm\\x3D1\\x253A2',\n    version: '20',\n    code: 'L'\n});",
    );
  });

  test('gives the drawer the very address', () => {
    let rendered = {};
    const window = { QRCodeReader: { createCode: (options: object) => (rendered = options) } };
    const uri = "pushauth://push/Ü'\\</script>:d?x=1";
    new Function('window', qrCodeScript(uri))(window);
    expect(rendered).toEqual({ id: 'callback_0', text: uri, version: '20', code: 'L' });
  });
});

describe('the script of the recovery codes', () => {
  const codes = ['0ABCDEFGHJKMNPQR', '1ABCDEFGHJKMNPQR'];
  const script = (overrides: Partial<Parameters<typeof recoveryCodeScript>[0]> = {}) =>
    recoveryCodeScript({
      title: 'Your Recovery Codes',
      description: 'Keep a copy.',
      introduction: 'For:',
      deviceName: 'Pixel 8',
      codes,
      ...overrides,
    });
  // As the client SDKs read it (spec: journeys-rest §4.2).
  const codesIn = (text: string) => [...text.matchAll(/\s[\w\W]"([\w]*)\\/g)].map((found) => found[1]);
  const deviceIn = (text: string) =>
    text
      .match(/<em\s*.*>\s*.*<\/em>/g)?.[0]
      ?.replace('<em>', '')
      .replace('</em>', '');

  test.each([['ABCD-EFGH'], ['A B'], ['"'], ['']])('refuses to show %j, which no client would find', (code) => {
    expect(() => script({ codes: [code] })).toThrow(RangeError);
  });

  test.each(HOSTILE)('with %j as device name and texts holds the same codes and runs nothing else', (text) => {
    const hostile = script({ deviceName: text, title: text, description: text, introduction: text });
    expect(codesIn(hostile)).toEqual(codes);
    const html = htmlAfter(hostile);
    expect(html.match(/<\w+/g)).toEqual(['<div', '<h3', '<h4', '<div', '<div', '<p', '<em']);
    expect(hostile).not.toMatch(/<\/?script/);
  });

  test('is recognised in every language by its comment', () => {
    expect(script({ title: 'Codes de secours' })).toContain('// Recovery Codes');
  });

  test('shows the device and each code on its own', () => {
    expect(deviceIn(script())).toBe('Pixel 8');
    expect(htmlAfter(script())).toContain('<div class="text-center">\n0ABCDEFGHJKMNPQR\n</div>\n');
  });

  test('shows any number of codes', () => {
    expect(codesIn(script({ codes: ['A'] }))).toEqual(['A']);
    expect(codesIn(script({ codes: Array.from({ length: 12 }, (_, at) => `C${at}`) }))).toHaveLength(12);
  });

  test('names a device on one line, without signs that turn the line around', () => {
    expect(deviceIn(script({ deviceName: 'My\nphone\u202e' }))).toBe('My phone');
  });
});

describe('the script of the app stores', () => {
  const links = {
    appleLink: 'https://apple.example/app?a=1&b=2',
    googleLink: 'https://google.example/app',
    appleLabel: 'Apple App Store',
    googleLabel: 'Google Play Store',
  };
  const htmlOf = (message: string, given = links) => htmlAfter(getAppScriptOf({}, message, given));
  const placed = (html: string) => `<div class='text-center'>${html}</div>`;

  test('makes links of the places named in the message', () => {
    expect(htmlOf('Get it from {{appleLink}} or {{googleLink}}.')).toBe(
      placed(
        "Get it from <a target='_blank' rel='noopener noreferrer' href='https://apple.example/app?a=1&amp;b=2'>Apple App Store</a> or <a target='_blank' rel='noopener noreferrer' href='https://google.example/app'>Google Play Store</a>.",
      ),
    );
  });

  test('leaves the HTML to an author who names a label', () => {
    const own = '<a href="{{appleLink}}">{{appleLabel}}</a>';
    expect(htmlOf(own)).toBe(placed('<a href="https://apple.example/app?a=1&amp;b=2">Apple App Store</a>'));
  });

  test.each(HOSTILE)('an address with %j ends no attribute', (text) => {
    const html = htmlOf('{{appleLink}}', { ...links, appleLink: text });
    expect(html.match(/'/g)).toHaveLength(8);
    expect(html.match(/<\w+/g)).toEqual(['<div', '<a']);
  });

  test('puts the message on the page as it is', () => {
    const html = `a "quoted" <b>word</b> \\ and\na line`;
    expect(htmlOf(html)).toBe(placed(html));
  });
});
