import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from 'node:crypto';

/** AES-256-GCM: nonce, tag, text, bound to its row (design.md §3 decision 13). */
export const sealer = (bytes: Buffer) => {
  const key = createSecretKey(bytes);
  const prefix = randomBytes(8);
  let count = 0;
  return {
    seal(place: string, plain: string | Buffer): Buffer {
      const text = typeof plain === 'string' ? Buffer.from(plain) : plain;
      const sealed = Buffer.allocUnsafe(28 + text.length);
      sealed.set(prefix);
      count += 1;
      sealed.writeUInt32BE(count, 8);
      const cipher = createCipheriv('aes-256-gcm', key, sealed.subarray(0, 12));
      cipher.setAAD(Buffer.from(place));
      sealed.set(cipher.update(text), 28);
      cipher.final();
      sealed.set(cipher.getAuthTag(), 12);
      return sealed;
    },
    open(place: string, sealed: Buffer): Buffer {
      const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, 12), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(12, 28));
      const plain = decipher.update(sealed.subarray(28));
      decipher.final();
      return plain;
    },
  };
};
