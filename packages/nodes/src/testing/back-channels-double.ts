import type { AnsweredBackChannel, BackChannelOptions, BackChannelProgress, BackChannels } from '@assent/engine';

/** The `backChannels` port as far as a node sees it; what was asked for and sent is there for a test to read. */
export const backChannelsDouble = (
  given: {
    readonly isStartable?: boolean;
    readonly isOpen?: boolean;
    readonly progress?: Readonly<Record<string, BackChannelProgress>>;
  } = {},
) => {
  const opened: BackChannelOptions[] = [];
  const told: { readonly answered: AnsweredBackChannel; readonly notice: unknown }[] = [];
  return {
    opened,
    told,
    open(options) {
      if (given.isStartable === false) return undefined;
      opened.push(options);
      return { id: 'id-1', idHash: 'hash-1', pageLink: 'https://page.example', startLink: 'https://start.example' };
    },
    progress: async (id) => given.progress?.[id] ?? { status: 'unknown' },
    async tell(answered, notice) {
      if (given.isOpen === false) return false;
      told.push({ answered, notice });
      return true;
    },
  } satisfies BackChannels & Record<string, unknown>;
};
