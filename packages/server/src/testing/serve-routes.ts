import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HttpRoutes } from '../http/http-call.ts';
import { Router } from '../http/router.ts';
import { TrustedProxies } from '../http/trusted-proxies.ts';
import { createLog } from '../platform/log.ts';

/** Serves some routes under `/am` on a port of the system, by any host name. */
export const serveRoutes = async (routes: HttpRoutes) => {
  const router = new Router({
    routes,
    mounts: [],
    contextPath: '/am',
    anyHostPrefixes: ['/'],
    ownHost: { isNamedBy: () => true },
    proxies: new TrustedProxies(() => []),
    log: createLog({ level: 'silent' }),
  });
  const server = createServer((request, response) => router.answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
};
