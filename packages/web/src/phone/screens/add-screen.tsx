import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { announce } from '../../kit/browser/announce.ts';
import { Button } from '../../kit/parts/button.tsx';
import { Note } from '../../kit/parts/note.tsx';
import { type CameraEnd, scanWithCamera } from '../browser/camera.ts';
import { loadQrReader } from '../browser/load-qr-reader.ts';
import { readSetupCode, type SetupCode, type SetupRefusal } from '../server/setup-code.ts';
import { say } from '../texts/say.ts';
import type { PhoneTextId } from '../texts/texts.en.ts';
import { hashOf } from './route.ts';
import { Screen } from './screen.tsx';

const cameraEnds: Readonly<Record<Exclude<CameraEnd, 'stopped'>, PhoneTextId>> = {
  denied: 'addCameraDenied',
  none: 'addCameraNone',
  off: 'addCameraOff',
};

const refusalText = (refusal: SetupRefusal): string => {
  if (refusal.kind === 'other-server') return say('addOtherServer', { host: refusal.host });
  return say(refusal.kind === 'not-a-code' ? 'addNotACode' : 'addDamaged');
};

/** The ways in for a setup code: the camera, a picture, or the text itself. */
export const AddScreen = ({
  given,
  onCode,
}: {
  /** What a link brought here. */
  readonly given: string | undefined;
  onCode(code: SetupCode): void;
}) => {
  const field = useId();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<string>();
  const [isScanning, setScanning] = useState(false);

  const refuse = (message: string): void => {
    setProblem(message);
    announce('alert', message);
  };
  const take = (code: string): void => {
    const read = readSetupCode(code, location.origin);
    if ('code' in read) onCode(read.code);
    else refuse(refusalText(read.refusal));
  };
  useEffect(() => {
    if (given !== undefined) take(given);
  }, [given]);
  const readPicture = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const found = await loadQrReader()
      .then((read) => read(file))
      .catch(() => undefined);
    if (found === undefined) refuse(say('addPictureNothing'));
    else take(found);
  };

  return (
    <Screen title={say('addHeading')} lead={say('addLead')}>
      {problem === undefined ? null : (
        <Note tone="danger" id={`${field}-problem`}>
          {problem}
        </Note>
      )}
      {isScanning ? (
        <Scanner
          onText={(found) => {
            setScanning(false);
            navigator.vibrate?.(60);
            take(found);
          }}
          onEnd={(end) => {
            setScanning(false);
            if (end !== 'stopped') refuse(say(cameraEnds[end]));
          }}
        />
      ) : (
        <Button kind="primary" onPress={() => setScanning(true)}>
          {say('addScan')}
        </Button>
      )}
      <label class="k-btn p-file">
        <input
          type="file"
          accept="image/*"
          onChange={({ currentTarget }) => {
            void readPicture(currentTarget.files?.[0]);
            currentTarget.value = '';
          }}
        />
        <span>{say('addPicture')}</span>
      </label>
      <form
        class="k-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() === '') refuse(say('addEmpty'));
          else take(text);
        }}
      >
        <div class="k-field">
          <label for={field}>{say('addPaste')}</label>
          <textarea
            id={field}
            class="k-input k-input-mono p-paste"
            rows={4}
            dir="ltr"
            spellcheck={false}
            autocomplete="off"
            autocapitalize="none"
            aria-describedby={problem === undefined ? `${field}-help` : `${field}-problem ${field}-help`}
            aria-invalid={problem === undefined ? undefined : 'true'}
            value={text}
            onInput={({ currentTarget }) => setText(currentTarget.value)}
          />
          <p id={`${field}-help`} class="k-muted k-small">
            {say('addPasteHelp')}
          </p>
        </div>
        <Button submit>{say('addContinue')}</Button>
      </form>
      <a class="k-btn" data-kind="quiet" href={hashOf({ name: 'accounts' })}>
        {say('cancel')}
      </a>
    </Screen>
  );
};

const Scanner = ({ onText, onEnd }: { onText(text: string): void; onEnd(end: CameraEnd): void }) => {
  const video = useRef<HTMLVideoElement>(null);
  const [stop] = useState(() => new AbortController());
  const [isPrepared, setPrepared] = useState(false);
  useEffect(() => {
    const { current } = video;
    if (current === null) return;
    const load = async () => {
      const read = await loadQrReader();
      setPrepared(true);
      return read;
    };
    void scanWithCamera(current, load, stop.signal).then((result) =>
      'text' in result ? onText(result.text) : onEnd(result.end),
    );
    return () => stop.abort();
  }, []);
  return (
    <div class="p-scanner">
      <video ref={video} muted playsInline aria-label={say('addCamera')} />
      <p role="status">{say(isPrepared ? 'addScanning' : 'addPreparing')}</p>
      <Button onPress={() => stop.abort()}>{say('addScanStop')}</Button>
    </div>
  );
};
