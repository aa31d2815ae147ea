import { vi } from 'vitest';
import type * as verbs from '../../sql/verbs/verb.ts';

/** Every statement of the modules that `load` imports. They are loaded again for this, so that each statement is recorded when it is made. */
export const statementsOf = async (load: () => Promise<unknown>): Promise<readonly verbs.Statement[]> => {
  const made: verbs.Statement[] = [];
  vi.resetModules();
  vi.doMock('../../sql/verbs/verb.ts', async (importOriginal) => {
    const original = await importOriginal<typeof verbs>();
    const statement: typeof original.statement = (text, options) => {
      const one = original.statement<never>(text, options);
      made.push(one);
      return one;
    };
    return { ...original, statement };
  });
  await load();
  vi.doUnmock('../../sql/verbs/verb.ts');
  vi.resetModules();
  return made;
};
