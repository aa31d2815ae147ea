import { createHash, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as argon2Verify } from '@node-rs/argon2';
import { bcryptThread } from './bcrypt-thread.ts';
import type { ImportedHash } from './imported-hash.ts';

const derive = promisify(pbkdf2);

/**
 * The spellings in which a password may have been hashed elsewhere: as it was typed, which is what directories hash, and as we
 * would have it, since whoever typed an accent then may type it in another way now.
 */
const spellings = (password: string): readonly string[] => {
  const ours = password.normalize('NFKC');
  return ours === password ? [password] : [password, ours];
};

/** Makes a function that says whether a password is that of a hash of another server. An empty one never is, nor one with NUL. */
export const importedHashCheck = (): ((hash: ImportedHash, password: string) => Promise<boolean>) => {
  const bcrypt = bcryptThread();
  const isOne = async (hash: ImportedHash, password: string): Promise<boolean> => {
    switch (hash.kind) {
      case 'digest':
        return timingSafeEqual(createHash(hash.algorithm).update(password).update(hash.salt).digest(), hash.digest);
      case 'pbkdf2':
        return timingSafeEqual(
          await derive(password, hash.salt, hash.iterations, hash.digest.length, hash.algorithm),
          hash.digest,
        );
      case 'bcrypt':
        return bcrypt(password, hash.text);
      case 'argon2':
        return argon2Verify(hash.text, Buffer.from(password));
    }
  };
  return async (hash, password) => {
    let isRight = false;
    for (const spelling of spellings(password)) isRight = (await isOne(hash, spelling)) || isRight;
    return isRight && password !== '' && !password.includes('\0');
  };
};
