import { backOffMs } from '../back-off.ts';
import type { StreamAddress } from './ofrep-bulk.ts';
import type { Page } from './page.ts';

/** Hears of changes, by server-sent events, while the page is in sight. */
export interface ChangeStream {
  /** Where to listen, as the newest answer says; undefined where nothing tells of changes. */
  use(address: StreamAddress | undefined): void;
  /** Whether changes are told now. */
  isOpen(): boolean;
  close(): void;
}

interface ChangeStreamOptions {
  readonly page: Page;
  /** Something may have changed: it was told so, or nobody could tell for a while. */
  readonly onChange: () => void;
  /** The relay does not let this page listen any more, as with a token of an earlier key: there may be a new address. */
  readonly onRefused: () => void;
}

/**
 * One EventSource at a time. It comes back by itself when it is cut off, after as long as the relay asks for, each client a time
 * of its own; one that was refused is opened again when there is a new answer. Out of sight, it is given up after a while.
 */
export function changeStream({ page, onChange, onRefused }: ChangeStreamOptions): ChangeStream {
  let address: StreamAddress | undefined;
  let source: EventSource | undefined;
  let refusals = 0;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;

  function open(): void {
    if (source !== undefined || retrying !== undefined || address === undefined) return;
    if (typeof EventSource === 'undefined') return;
    const opened = new EventSource(address.url);
    source = opened;
    opened.addEventListener('open', () => {
      refusals = 0;
      onChange();
    });
    opened.addEventListener('message', ({ data }) => {
      if (isChange(data)) onChange();
    });
    opened.addEventListener('error', () => {
      // Cut off, it comes back by itself; closed, it was answered with something else than a stream.
      if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
      drop();
      refusals += 1;
      retrying = setTimeout(
        () => {
          retrying = undefined;
          onRefused();
          open();
        },
        backOffMs(refusals + 3),
      );
    });
  }

  function drop(): void {
    source?.close();
    source = undefined;
  }

  function onPageChange(): void {
    clearTimeout(hiding);
    if (page.isHidden()) {
      hiding = setTimeout(drop, address?.inactivityMs ?? 0);
      return;
    }
    if (source === undefined) onChange();
    open();
  }
  const stopWatching = page.onChange(onPageChange);

  return {
    use(next) {
      if (next?.url !== address?.url) drop();
      address = next;
      if (!page.isHidden()) open();
    },
    isOpen: () => source?.readyState === 1,
    close() {
      stopWatching();
      clearTimeout(hiding);
      clearTimeout(retrying);
      drop();
      address = undefined;
    },
  };
}

function isChange(data: unknown): boolean {
  try {
    const event = JSON.parse(String(data)) as { readonly type?: unknown } | null;
    return event?.type === 'refetchEvaluation';
  } catch {
    // Not one of ours, as OFREP wants it: what is not understood is left alone.
    return false;
  }
}
