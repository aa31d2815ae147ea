import { type Call, header } from './call.ts';

/** frodo names itself so. It brings what AM has exported, which is kept whatever it says (ADR 40). */
const IMPORTER = /^@rockcarver\/frodo/;

export const isImport = ({ request }: Pick<Call, 'request'>): boolean =>
  IMPORTER.test(header(request, 'user-agent') ?? '');
