import type { ExecutionContext } from './execution-context.ts';

/** What the journey has come to for another user is none of this one's; what is proven is kept by user anyway. */
export const dropEarned = ({ progress, state }: Pick<ExecutionContext, 'progress' | 'state'>): void => {
  state.remove('authLevel');
  const { properties: _, successDetails: __, successProperties: ___, ...others } = progress.sessionOptions;
  progress.keep('sessionOptions', { ...others, properties: {} }, undefined);
};
