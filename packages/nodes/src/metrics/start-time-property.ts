import { z } from 'zod';

/** The setting by which the two ends of a timer find each other. */
export const startTimeProperty = () =>
  z.string().min(1).default('TimerNodeStartTime').meta({
    title: 'Start Time Property',
    description: 'Where in state the start stands; the same in the node that starts and in the one that stops.',
  });
