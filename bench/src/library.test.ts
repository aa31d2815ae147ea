import { once } from 'node:events';
import { expect, test } from 'vitest';
import { HttpConnection } from './http-connection.ts';
import { libraryServer } from './library.ts';
import { signInAtLibrary, THEIRS } from './library-client.ts';
import { OAuthClient } from './oauth-client.ts';
import { freePorts } from './ports.ts';

test('the login over oidc-provider is a whole one, and a wrong answer would end the run', async () => {
  const [port = 0] = await freePorts(1);
  const server = await libraryServer(`http://localhost:${port}`);
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const connection = await HttpConnection.open(port);
  try {
    const client = new OAuthClient(connection, THEIRS);
    const cookie = await signInAtLibrary(connection);
    const tokens = await client.redeem(await client.code(cookie));
    await client.userinfo(tokens);
    await client.userinfo(await client.refresh(tokens));
    await client.forged('forged');
    await expect(client.redeem('forged')).rejects.toThrow('invalid_grant');
    await expect(client.userinfo({ access: 'forged', refresh: '' })).rejects.toThrow('invalid_token');
    await expect(client.forged(tokens.access)).rejects.toThrow('a refusal');
    await expect(client.code('')).rejects.toThrow('a redirect with a code');
  } finally {
    connection.close();
    server.close();
    server.closeAllConnections();
  }
});
