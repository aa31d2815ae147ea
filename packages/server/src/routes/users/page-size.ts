import { type Answer, badRequest, type Call } from '../../http/call.ts';

const MAX_PAGE_SIZE = 100;

/** How many a page is to have, or what is wrong with what the query says of it. */
export const pageSizeOf = ({ query }: Pick<Call, 'query'>, usual: number): number | Answer => {
  const { _pageSize = String(usual) } = query;
  const size = /^\d{1,3}$/.test(_pageSize) ? Number(_pageSize) : 0;
  return size >= 1 && size <= MAX_PAGE_SIZE
    ? size
    : badRequest(`_pageSize must be a whole number from 1 to ${MAX_PAGE_SIZE}.`, '_pageSize');
};
