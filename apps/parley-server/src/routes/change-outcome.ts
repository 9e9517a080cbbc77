import { ApiError, noSuchMessage } from '../api-error.ts';
import type { ChangedMessage } from '../queries/change-statement.ts';
import { type Message, toMessage } from '../queries/message-row.ts';

/** @throws ApiError that says why the message was not changed */
export function requireDone(changed: ChangedMessage): Message {
  switch (changed.outcome) {
    case 'done':
      return toMessage(changed.message, changed.me);
    case 'not_found':
      throw noSuchMessage();
    case 'not_own':
      throw new ApiError('forbidden', 'Only who wrote a message may change it');
    case 'deleted':
      throw new ApiError('conflict', 'This message was deleted and cannot be changed any more');
    case 'refused':
      throw new ApiError('conflict', 'This message has as many different reactions as it may have');
  }
}
