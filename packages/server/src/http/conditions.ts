import { type JsonObject, matchesRevision } from '@assent/wire';
import { type Answer, type Call, header, ok } from './call.ts';

/** What a client sends back in `If-Match` to change nothing but what it has read. */
export const etagOf = (revision: unknown): { readonly etag: string } => ({ etag: `"${String(revision)}"` });

/** Whether `If-Match` lets the change of that revision pass. */
export const matches = ({ request }: Pick<Call, 'request'>, revision: unknown): boolean =>
  matchesRevision(header(request, 'if-match'), String(revision));

/** Whether `If-Match` and `If-None-Match` let a change of what is stored pass (spec: journeys-rest §6.1). */
export const meetsConditions = (call: Pick<Call, 'request'>, storedRevision: string | undefined): boolean => {
  if (storedRevision === undefined) return header(call.request, 'if-match') === undefined;
  return header(call.request, 'if-none-match')?.trim() !== '*' && matches(call, storedRevision);
};

/** 201 with the address for a new thing, else 200; the whole stored object either way. */
export const saved = ({ request }: Pick<Call, 'request'>, record: JsonObject, isNew: boolean): Answer => {
  const etag = etagOf(record._rev);
  if (!isNew) return ok(record, etag);
  const id = encodeURIComponent(String(record._id));
  const path = (request.url.split('?')[0] ?? '').replace(/\/$/, '');
  const location = request.method === 'PUT' ? path : `${path}/${id}`;
  return { status: 201, body: record, headers: { ...etag, location } };
};
