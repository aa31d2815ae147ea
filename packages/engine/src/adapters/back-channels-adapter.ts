import {
  type BackChannel,
  type BackChannelReader,
  type BackChannels,
  isOpenBackChannel,
  type OpenedBackChannel,
} from '../model/back-channels.ts';
import type { Clock } from '../model/clock.ts';
import type { Configuration } from '../model/configuration.ts';
import { newNonce } from '../model/nonce.ts';
import type { Random } from '../model/random.ts';
import { mayRun } from '../tree/startable-trees.ts';
import type { EngineChange } from '../unit-of-work/changes.ts';
import type { Adapter } from '../unit-of-work/unit-of-work.ts';

export interface BackChannelDependencies {
  readonly reader: BackChannelReader;
  readonly configuration: Pick<Configuration, 'tree'>;
  readonly clock: Clock;
  readonly random: Random;
  digest(text: string): string;
  links(journey: { readonly realm: string; readonly id: string }): Pick<OpenedBackChannel, 'pageLink' | 'startLink'>;
}

/** What every journey has of its own as it starts: no other one may say it. */
const OWN_TO_EACH_JOURNEY: ReadonlySet<string> = new Set(['realm', 'authLevel']);

const firstState = (data: Readonly<Record<string, unknown>>, username: string | undefined) => ({
  ...Object.fromEntries(Object.entries(data).filter(([name]) => !OWN_TO_EACH_JOURNEY.has(name))),
  ...(username !== undefined && { username }),
});

/** Back channels as one unit of work sees them: those that its journey has opened, and the one that it answers. */
export const backChannelsAdapter =
  ({ reader, configuration, clock, random, digest, links }: BackChannelDependencies): Adapter<BackChannels> =>
  (unit) => {
    const { realm } = unit.realm;
    /** Opened in this run, and not stored before it is over. */
    const opened = new Map<string, BackChannel>();
    const stored = (idHash: string): Promise<BackChannel | undefined> =>
      unit.remember(`backChannel:${idHash}`, () => reader.get(idHash));

    return {
      open({ tree, subject, data, seconds, allowRetry }) {
        if (!mayRun(unit.realm, configuration.tree(realm, tree))) return undefined;
        const id = newNonce(random);
        const idHash = digest(id);
        const row: BackChannel = {
          idHash,
          realm,
          tree,
          openedBy: unit.journeyId,
          expiresAt: clock.now() + seconds * 1_000,
          allowRetry,
          ...(subject !== undefined && { subject: subject.id }),
          status: 'created',
          data: JSON.stringify(firstState(data, subject?.username)),
        };
        opened.set(idHash, row);
        unit.stage({ type: 'backChannel.open', row } satisfies EngineChange);
        return { id, idHash, ...links({ realm, id }) };
      },

      async progress(id) {
        const idHash = digest(id);
        const row = opened.get(idHash) ?? (await stored(idHash));
        if (row === undefined || row.realm !== realm || row.openedBy !== unit.journeyId) return { status: 'unknown' };
        const { status, notice, properties } = row;
        const isOver = status === 'approved' || status === 'denied';
        return {
          // An end that came in time stands, however late it is asked for.
          status: isOver || isOpenBackChannel(row, clock.now()) ? status : 'unknown',
          ...(notice !== undefined && { notice: JSON.parse(notice) as Record<string, unknown> }),
          ...(properties !== undefined && { properties: JSON.parse(properties) as Record<string, string> }),
        };
      },

      async tell({ idHash }, notice) {
        const now = clock.now();
        const row = await stored(idHash);
        if (row === undefined || !isOpenBackChannel(row, now)) return false;
        const change = { type: 'backChannel.tell', idHash, now, notice: JSON.stringify(notice) } as const;
        unit.stage(change satisfies EngineChange);
        return true;
      },
    };
  };
