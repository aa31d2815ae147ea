import type pg from 'pg';

/** Milliseconds that the lease lasts if its holder is gone. */
const LEASE_MILLIS = 30_000;
const RENEWED_AFTER = 10_000;

/** The database's own, in milliseconds: instances may disagree about the time. */
const NOW = 'CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)';

/**
 * Who changes the schema: a row with an end, so that one who is killed lets go of it. A lock of the session would be lost, or
 * held by two, behind a pooler, and distributed engines have none (OPS-18).
 */
export class MigrationLease {
  readonly #holder: string;
  readonly #connect: () => Promise<pg.Client>;
  readonly #wait: (millis: number) => Promise<unknown>;

  constructor(holder: string, connect: () => Promise<pg.Client>, wait: (millis: number) => Promise<unknown>) {
    this.#holder = holder;
    this.#connect = connect;
    this.#wait = wait;
  }

  async take(client: pg.Client): Promise<boolean> {
    const { rowCount } = await client.query(
      `INSERT INTO lease (name, holder, held_until) VALUES ('migration', $1, ${NOW} + ${LEASE_MILLIS})
       ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, held_until = excluded.held_until
       WHERE lease.held_until <= ${NOW} OR lease.holder = excluded.holder`,
      [this.#holder],
    );
    return rowCount === 1;
  }

  /** False where another has it. */
  async renew(client: pg.Client): Promise<boolean> {
    const { rowCount } = await client.query(
      `UPDATE lease SET held_until = ${NOW} + ${LEASE_MILLIS} WHERE name = 'migration' AND holder = $1`,
      [this.#holder],
    );
    return rowCount === 1;
  }

  async giveBack(client: pg.Client): Promise<void> {
    await client.query("DELETE FROM lease WHERE name = 'migration' AND holder = $1", [this.#holder]);
  }

  /**
   * Holds it for as long as the work takes, by a connection beside the one that works. One that cannot renew it goes on all
   * the same: whoever takes over looks what is under way, and waits for it.
   */
  async keptWhile(work: () => Promise<void>): Promise<void> {
    let isDone = false;
    const done = work().finally(() => {
      isDone = true;
    });
    let beside: pg.Client | undefined;
    try {
      for (;;) {
        await Promise.race([done, this.#wait(RENEWED_AFTER)]);
        if (isDone) break;
        try {
          beside ??= await this.#connect();
          await this.renew(beside);
        } catch {
          await beside?.end().catch(() => undefined);
          beside = undefined;
        }
      }
    } finally {
      await beside?.end().catch(() => undefined);
    }
    await done;
  }
}
