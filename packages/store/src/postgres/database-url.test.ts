import { expect, test } from 'vitest';
import { readDatabaseUrl } from './database-url.ts';

test.each([
  ['nonsense', /is no URL/],
  ['mysql://a@localhost/b', /begin with postgres/],
  ['postgres://localhost/assent', /names no user/],
  ['postgres://a@localhost', /names no database/],
  ['postgres://a@localhost/b/c', /names no database/],
  ['postgres:///assent', /names no host/],
  ['postgres://a@localhost/b?sslmod=disable', /sslmod is not known/],
  ['postgres://a@localhost/b?sslmode=disable&sslmode=verify-full', /sslmode is given twice/],
  ['postgres://a:geheim@db.example.com/b?sslmode=disable', /could read along/],
  ['postgres://a:geheim@db.example.com/b?sslmode=require', /has to be verify-full/],
  ['postgres://a:geheim@db.example.com/b?sslrootcert=%2Fno%2Fsuch.pem', /cannot be read: \/no\/such.pem/],
])('%s is refused with what is wrong, and without its password (OPS-14)', (url, message) => {
  expect(() => readDatabaseUrl(url, { insecure: false })).toThrow(message);
  expect(() => readDatabaseUrl(url, { insecure: false })).not.toThrow(/geheim/);
});

test('beyond this machine a connection is encrypted, and the name of the server verified (OPS-14)', () => {
  const { ssl, port } = readDatabaseUrl('postgres://a@db.example.com/b', { insecure: false });
  expect([ssl, port]).toEqual([{ rejectUnauthorized: true, servername: 'db.example.com' }, 5432]);
  expect(readDatabaseUrl('postgres://a@db.example.com/b?sslmode=disable', { insecure: true }).ssl).toBe(false);
});

test.each([
  ['postgres://a@127.0.0.1:5433/b', { host: '127.0.0.1', port: 5433 }],
  ['postgres://a@localhost/b', { host: 'localhost' }],
  ['postgres://a@[::1]/b', { host: '::1' }],
  ['postgresql://a@localhost/b?host=%2Frun%2Fpostgresql', { host: '/run/postgresql' }],
  ['postgres://a%40b:p%3Aw@localhost/d%20b', { user: 'a@b', password: 'p:w', database: 'd b' }],
])('on the same machine %s is not', (url, wanted) => {
  expect(readDatabaseUrl(url, { insecure: false })).toMatchObject({ ...wanted, ssl: false });
});
