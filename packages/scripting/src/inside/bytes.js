export const utf8 = (text) => {
  const bytes = [];
  for (const character of String(text)) {
    const code = character.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
  }
  return bytes;
};

export const textOfBytes = (bytes) => {
  let escaped = '';
  for (const byte of bytes) escaped += `%${(byte & 0xff).toString(16).padStart(2, '0')}`;
  return decodeURIComponent(escaped);
};

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
export const encode64 = (given) => {
  const bytes = Array.isArray(given) ? given.map((byte) => byte & 0xff) : utf8(given);
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const bits = (bytes[at] << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    for (let part = 0; part < 4; part += 1) {
      text += part <= bytes.length - at ? BASE64[(bits >> (18 - 6 * part)) & 63] : '=';
    }
  }
  return text;
};

export const decode64 = (text) => {
  const bytes = [];
  let bits = 0;
  let count = 0;
  for (const character of String(text).replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')) {
    const value = BASE64.indexOf(character);
    if (value < 0) throw new Error('Illegal base64 character');
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 0xff);
    }
  }
  return bytes;
};

export const urlSafe = (text) => text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
