import { useEffect, useRef, useState } from 'preact/hooks';
import { saveFile } from '../kit/browser/save-file.ts';
import { Button } from '../kit/parts/button.tsx';
import { Icon } from '../kit/parts/icon.tsx';
import type { AccountWork } from './account-work.ts';
import { Section } from './section.tsx';
import type { Intention } from './step-up.ts';

/** All that is kept of the user, to take along (ux §5, security-reliability §7 "Export"). */
export const DataSection = ({
  work,
  intention,
}: {
  readonly work: AccountWork;
  readonly intention: Intention | undefined;
}) => {
  const { texts, client, owner } = work;
  const [busy, setBusy] = useState(false);
  const button = useRef<HTMLDivElement>(null);
  // Whoever has just confirmed comes back to where they were, and presses it again: an address alone hands out nothing.
  useEffect(() => {
    if (intention?.act === 'data') button.current?.querySelector('button')?.focus();
  }, []);
  const take = async (): Promise<void> => {
    setBusy(true);
    const data = await work.change({ act: 'data' }, () => client.exportData(owner), texts.dataDone);
    setBusy(false);
    if (data !== undefined)
      saveFile(`${owner.name}.json`, `${JSON.stringify(data, undefined, 2)}\n`, 'application/json');
  };
  return (
    <Section title={texts.data}>
      <p class="k-muted k-small">{texts.dataLead}</p>
      <div ref={button}>
        <Button busy={busy} busyText={texts.loading} onPress={() => void take()}>
          <Icon name="download" />
          {texts.dataDownload}
        </Button>
      </div>
    </Section>
  );
};
