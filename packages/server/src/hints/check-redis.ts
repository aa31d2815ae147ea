import { connectToRedis, type RedisAddress } from './redis-connection.ts';

/** Whether what is published at that Redis comes back to who listens. Undefined where it does; else the cause, without a password (OPS-51). */
export const checkRedis = async (
  address: RedisAddress,
  within: (millis: number) => Promise<void>,
): Promise<string | undefined> => {
  const sign = 'assent doctor';
  let heard = (): void => {};
  const echo = new Promise<void>((resolve) => {
    heard = resolve;
  });
  try {
    const connection = await connectToRedis(
      address,
      (text) => {
        if (text === sign) heard();
      },
      () => undefined,
    );
    try {
      await connection.publish(sign);
      return await Promise.race([
        echo.then(() => undefined),
        within(2_000).then(() => 'nothing came back in two seconds'),
      ]);
    } finally {
      connection.close();
    }
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
    return String(code ?? message ?? 'no cause').slice(0, 200);
  }
};
