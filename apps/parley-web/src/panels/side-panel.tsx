import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { IconButton } from '../ui/icon-button.tsx';

interface SidePanelProps {
  readonly conversationId: string;
  readonly title: string;
  readonly about: string;
  readonly closeLabel: string;
  readonly children: ReactNode;
}

/** Stands beside a conversation, where threads stand too. */
export function SidePanel({ conversationId, title, about, closeLabel, children }: SidePanelProps) {
  const navigate = useNavigate();
  const close = (): void => void navigate({ to: '/c/$conversationId', params: { conversationId } });
  return (
    <aside
      className="thread panel"
      aria-label={title}
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header className="thread-head">
        <div>
          <h2>
            {title}
            <span dir="auto">{about}</span>
          </h2>
        </div>
        <IconButton icon="close" label={closeLabel} onClick={close} />
      </header>
      <div className="panel-in">{children}</div>
    </aside>
  );
}
