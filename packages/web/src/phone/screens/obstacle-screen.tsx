import { Button } from '../../kit/parts/button.tsx';
import { say } from '../texts/say.ts';
import { hashOf } from './route.ts';
import { Screen } from './screen.tsx';

/** Why this page cannot be a phone here, for now. */
export type Obstacle = 'insecure' | 'ios-tab' | 'no-storage' | 'other-tab';

/** What stands in the way, and the way around it. */
export const ObstacleScreen = ({ obstacle, takeOver }: { readonly obstacle: Obstacle; takeOver(): void }) => {
  switch (obstacle) {
    case 'insecure':
      return <Screen title={say('insecureHeading')} lead={say('insecureLead')} />;
    case 'no-storage':
      return <Screen title={say('noStorageHeading')} lead={say('noStorageLead')} />;
    case 'ios-tab':
      return (
        <Screen title={say('iosHeading')} lead={say('iosLead')}>
          <ol class="p-steps">
            <li>{say('iosStep1')}</li>
            <li>{say('iosStep2')}</li>
            <li>{say('iosStep3')}</li>
          </ol>
          <a class="k-btn" data-kind="quiet" data-fit="" href={hashOf({ name: 'requests' })}>
            {say('back')}
          </a>
        </Screen>
      );
    case 'other-tab':
      return (
        <Screen title={say('otherTabHeading')} lead={say('otherTabLead')}>
          <Button kind="primary" fit onPress={takeOver}>
            {say('otherTabUse')}
          </Button>
        </Screen>
      );
  }
};
