import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { fillText } from '../kit/language/fill-text.ts';
import { Button } from '../kit/parts/button.tsx';
import { Icon } from '../kit/parts/icon.tsx';
import { Note } from '../kit/parts/note.tsx';
import type { Device, DeviceKind } from './account-client.ts';
import type { AccountWork } from './account-work.ts';
import { forgetPasskey } from './forget-passkey.ts';
import { Question } from './question.tsx';
import { Section } from './section.tsx';
import type { Intention } from './step-up.ts';
import type { AccountCatalogue } from './texts/texts.en.ts';

const MAX_NAME_LENGTH = 64;

/** Gives a device another name: Enter saves, Escape leaves it. */
const RenameForm = ({
  work,
  device,
  onEnd,
}: {
  readonly work: AccountWork;
  readonly device: Device;
  readonly onEnd: () => void;
}) => {
  const { texts } = work;
  const [name, setName] = useState(device.deviceName);
  const [busy, setBusy] = useState(false);
  const [isWrong, setWrong] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.select(), []);
  const save = async (): Promise<void> => {
    const deviceName = name.trim();
    if (deviceName === '') {
      setWrong(true);
      input.current?.focus();
      return;
    }
    setBusy(true);
    const done = fillText(texts.renamed, { name: deviceName });
    const send = () => work.client.rename(work.owner, device, deviceName);
    await work.change({ act: 'rename', device: device.uuid }, send, done);
    setBusy(false);
    onEnd();
  };
  return (
    <form
      class="k-stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!busy) void save();
      }}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onEnd();
      }}
    >
      <div class="k-field">
        <label for={`name-${device.uuid}`}>{texts.name}</label>
        <input
          ref={input}
          id={`name-${device.uuid}`}
          class="k-input"
          value={name}
          maxLength={MAX_NAME_LENGTH}
          autocomplete="off"
          aria-invalid={isWrong ? 'true' : undefined}
          aria-describedby={isWrong ? `problem-${device.uuid}` : undefined}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        {isWrong ? (
          <p class="k-field-error" id={`problem-${device.uuid}`}>
            {texts.nameProblem}
          </p>
        ) : null}
      </div>
      <div class="k-row">
        <Button kind="primary" submit busy={busy}>
          {texts.save}
        </Button>
        <Button onPress={onEnd}>{texts.cancel}</Button>
      </div>
    </form>
  );
};

const ICONS = { push: 'phone', oath: 'clock', webauthn: 'person' } as const satisfies Record<DeviceKind, string>;

const REMOVALS = {
  push: 'removePhone',
  oath: 'removeGenerator',
  webauthn: 'removePasskey',
} as const satisfies Record<DeviceKind, keyof AccountCatalogue>;

/** "Phone", or "Passkey · on one device only · claims to be a YubiKey 5": only what was attested is known (WA-23). */
const kindOf = ({ kind, assent }: Device, texts: AccountCatalogue): string => {
  if (kind !== 'webauthn') return kind === 'push' ? texts.kindPhone : texts.kindGenerator;
  const { synced = false, deviceBound = false, attested = false, model } = assent ?? {};
  return [
    texts.kindPasskey,
    ...(synced ? [texts.passkeySynced] : []),
    ...(deviceBound ? [texts.passkeyDeviceOnly] : []),
    ...(model === undefined ? [] : [attested ? model : fillText(texts.passkeyClaims, { model })]),
  ].join(' · ');
};

/** The devices of the user, and what can be done with each. */
export const DevicesSection = ({
  work,
  devices,
  intention,
  heading,
}: {
  readonly work: AccountWork;
  readonly devices: readonly Device[];
  readonly intention: Intention | undefined;
  /** Of the section: it takes the focus where its place is gone, and where somebody is led here. */
  readonly heading: RefObject<HTMLHeadingElement | null>;
}) => {
  const { texts, times } = work;
  const wanted = (act: Intention['act']) =>
    intention?.act === act ? devices.find(({ uuid }) => uuid === intention.device)?.uuid : undefined;
  const [renaming, setRenaming] = useState(() => wanted('rename'));
  const [removing, setRemoving] = useState(() => wanted('remove'));
  const [busy, setBusy] = useState(false);
  const leaving = devices.find(({ uuid }) => uuid === removing);

  const remove = async (device: Device): Promise<void> => {
    setBusy(true);
    const done = fillText(texts.removed, { name: device.deviceName });
    const send = () => work.client.remove(work.owner, device);
    const removed = await work.change({ act: 'remove', device: device.uuid }, send, done);
    if (removed) forgetPasskey(device);
    setBusy(false);
    setRemoving(undefined);
    heading.current?.focus();
  };
  return (
    <Section
      title={texts.devices}
      headingRef={heading}
      action={
        <div class="k-row">
          <a class="k-btn" href={work.journey('AddPhone')}>
            {texts.addPhone}
          </a>
          <a class="k-btn" href={work.journey('AddPasskey')}>
            {texts.addPasskey}
          </a>
        </div>
      }
    >
      {devices.length === 0 ? <p class="k-muted">{texts.noDevices}</p> : null}
      <ul class="a-list">
        {devices.map((device) => (
          <li key={device.uuid}>
            <Icon name={ICONS[device.kind]} />
            <div class="a-item">
              <p class="a-name">
                <bdi>{device.deviceName}</bdi>
              </p>
              <p class="k-muted k-small">
                {kindOf(device, texts)} · {fillText(texts.added, { date: times.day(device.createdDate) })} ·{' '}
                {device.lastAccessDate > device.createdDate
                  ? fillText(texts.lastUsed, { time: times.moment(device.lastAccessDate) })
                  : texts.neverUsed}
              </p>
              {device.assent?.counterMismatchAt === undefined ? null : (
                <Note tone="warn">
                  {fillText(texts.passkeyCopied, { time: times.moment(device.assent.counterMismatchAt) })}
                </Note>
              )}
              {device.unreachableSince === undefined ? null : (
                <Note tone="warn">{fillText(texts.unreachable, { time: times.moment(device.unreachableSince) })}</Note>
              )}
              {renaming === device.uuid ? (
                <RenameForm
                  work={work}
                  device={device}
                  onEnd={() => {
                    setRenaming(undefined);
                    heading.current?.focus();
                  }}
                />
              ) : (
                <div class="k-row a-tools">
                  <Button
                    name={fillText(texts.renameThis, { name: device.deviceName })}
                    onPress={() => setRenaming(device.uuid)}
                  >
                    {texts.rename}
                  </Button>
                  <Button
                    kind="danger"
                    name={fillText(texts.removeThis, { name: device.deviceName })}
                    onPress={() => setRemoving(device.uuid)}
                  >
                    {texts.remove}
                  </Button>
                </div>
              )}
            </div>
          </li>
        ))}
      </ul>
      {leaving === undefined ? null : (
        <Question
          title={fillText(texts.removeAsk, { name: leaving.deviceName })}
          onClose={() => setRemoving(undefined)}
        >
          <p>{texts[REMOVALS[leaving.kind]]}</p>
          {devices.length === 1 ? <Note tone="warn">{texts.removeLast}</Note> : null}
          <div class="k-row">
            <Button onPress={() => setRemoving(undefined)}>{texts.cancel}</Button>
            <Button kind="danger" busy={busy} busyText={texts.loading} onPress={() => void remove(leaving)}>
              {texts.remove}
            </Button>
          </div>
        </Question>
      )}
    </Section>
  );
};
