import { useEffect, useId, useRef, type ReactNode } from 'react';
import { t } from '../texts/index.ts';
import { IconButton } from './icon-button.tsx';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly className?: string;
}

/** The browser's own modal dialog: it keeps the focus, closes on Escape, and gives the focus back. */
export function Dialog({ title, onClose, children, className = '' }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // Where one types, not the button that closes it.
    dialog?.querySelector<HTMLElement>('input, textarea')?.focus();
    return () => {
      dialog?.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      className={`dialog ${className}`}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onPointerDown={(event) => {
        // Only its backdrop is the dialog itself.
        if (event.target === ref.current) onClose();
      }}
    >
      <div className="dialog-in">
        <header>
          <h2 id={titleId}>{title}</h2>
          <IconButton icon="close" label={t.dialog.close} onClick={onClose} />
        </header>
        {children}
      </div>
    </dialog>
  );
}
