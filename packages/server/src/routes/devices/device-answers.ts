import { type Answer, type Call, refuse } from '../../http/call.ts';

export const CHANGED_MEANWHILE = refuse(409, 'The devices have changed meanwhile. Try again.');

/** What AM says of a device that the user does not have. */
export const deviceNotFound = ({ names }: Pick<Call, 'names'>): Answer =>
  refuse(404, `User device, ${(names.id ?? '').slice(0, 64)}, not found.`);
