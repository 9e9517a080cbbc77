import { z } from 'zod';
import { timeLimitSchema } from './time-limit.ts';

export const attemptsSchema = z
  .int()
  .min(1)
  .max(1_000)
  .prefault(60)
  .meta({ description: 'How often to try when somebody else holds the lock.' });

/** What a step that changes the shape of tables may ask of those who use them. */
export const lockLimits = {
  lock_timeout: timeLimitSchema.prefault('100ms').meta({
    description:
      'How long a transaction may queue for its locks: everybody who comes after it queues behind it.',
  }),
  hold_timeout: timeLimitSchema
    .prefault('500ms')
    .meta({ description: 'How long a transaction may work while it keeps others out.' }),
  statement_timeout: timeLimitSchema
    .prefault('10m')
    .meta({ description: 'How long one statement may run that keeps nobody out.' }),
  attempts: attemptsSchema,
};
