import type { z } from 'zod';

/** The declaration of a setting. */
export interface Setting<S extends z.ZodType = z.ZodType> {
  /** Absent where the setting has no place on a command line: secrets would show in the list of processes, and some count before it is read. */
  readonly flag?: string;
  readonly env: string;
  /** Its name in the configuration file, and in `Settings`; `false` where a file cannot hold it. */
  readonly isInFile?: false;
  readonly schema: S;
  /** Ends the sentence "allowed is …". */
  readonly allowed: string;
  /** As text where the value depends on others. */
  readonly defaultText?: string;
  readonly isSecret?: true;
  /** A URL, which is shown without the password that it may have. */
  readonly withoutPassword?: true;
  /** Instances that share a database need the same value: where they differ, they say so (OPS-31). */
  readonly isShared?: true;
  readonly description: string;
}

export const setting = <S extends z.ZodType>(definition: Setting<S>): Setting<S> => definition;
