import { useState } from 'react';
import { api } from '../api/endpoints.ts';
import type { Message } from '../api/types.ts';
import { say } from '../app/announcer.ts';
import { useServices } from '../app/services.ts';
import { t } from '../texts/index.ts';
import { reacted } from './reacted.ts';

/** Press to join in, or to take it back. */
export function Reactions({ message }: { readonly message: Message }) {
  const react = useReact();
  const [names, setNames] = useState<Readonly<Record<string, string>>>({});
  const askWho = (): void => {
    api.reactions(message.id).then(
      ({ reactions }) =>
        setNames(
          Object.fromEntries(
            reactions.map(({ emoji, people }) => [emoji, people.map(({ name }) => name).join(', ')]),
          ),
        ),
      // Without names it is still a number.
      () => undefined,
    );
  };
  return message.reactions.map(({ emoji, count, mine }) => (
    <button
      key={emoji}
      type="button"
      className="re"
      aria-pressed={mine}
      aria-label={t.talk.reaction(emoji, count)}
      title={names[emoji]}
      onPointerEnter={askWho}
      onClick={() => react(message, emoji, !mine)}
    >
      <span>{emoji}</span>
      {count}
    </button>
  ));
}

/** Shows it at once, tells the server, and shows what the server says. */
export function useReact(): (message: Message, emoji: string, on: boolean) => void {
  const { catchUp } = useServices();
  return (message, emoji, on) => {
    catchUp.put({ ...message, reactions: reacted(message.reactions, emoji, on) });
    api.react(message.id, emoji, on).then(
      ({ message: stored }) => catchUp.put(stored),
      (error: unknown) => {
        catchUp.put(message);
        say(error instanceof Error ? error.message : String(error));
      },
    );
  };
}
