import type { Attacker } from '../target/attacker.ts';
import type { RouteRow } from './route-rows.ts';
import type { Sample } from './wild-values.ts';

/** A row that the server has described itself. */
export interface DescribedRow {
  readonly key: string;
  readonly row: RouteRow;
  readonly title: string;
}

const NODES = '/json/realm-config/authentication/authenticationtrees/nodes';
const SERVICES = '/json/realm-config/services';
const CLIENTS = '/json/realm-config/agents/OAuth2Client';

interface Type {
  readonly _id: string;
}

/** Where nothing depends on what is saved. */
const ELSEWHERE = { realm: '/alpha' };

/**
 * What the server says that its nodes, services and applications are set by: each of these settings is attacked, also those of a type that
 * came yesterday.
 */
export const describedRows = async (attacker: Attacker): Promise<readonly DescribedRow[]> => {
  const asked = async (path: string): Promise<Readonly<Record<string, unknown>>> => {
    const { status, body } = await attacker.asAdministrator('POST', path);
    if (status !== 200) throw new Error(`${path} is answered with ${status}.`);
    return body;
  };
  const typesOf = async (path: string) => (await asked(`${path}?_action=getAllTypes`)).result as readonly Type[];
  const rows: DescribedRow[] = [];
  const add = (title: string, path: string, names: Readonly<Record<string, string>>, template: object) => {
    const body = Object.fromEntries(Object.entries(template).filter(([name]) => !name.startsWith('_'))) as Sample;
    if (Object.keys(body).length === 0) return;
    rows.push({ key: `PUT ${path}`, title, row: { as: 'administrator', names, query: ELSEWHERE, body } });
  };
  for (const { _id: type } of await typesOf(NODES)) {
    const id = crypto.randomUUID();
    add(`node ${type}`, `${NODES}/:type/:id`, { type, id }, await asked(`${NODES}/${type}?_action=template`));
  }
  for (const { _id: id } of await typesOf(SERVICES)) {
    const path = `${SERVICES}/${id}`;
    const template = await attacker.asAdministrator('POST', `${path}?_action=template`);
    // Some are kept as an import brings them, and describe nothing.
    if (template.status === 200) add(`service ${id}`, `${SERVICES}/:id`, { id }, template.body);
  }
  add('application', `${CLIENTS}/:id`, { id: 'described' }, await asked(`${CLIENTS}?_action=template`));
  return rows;
};
