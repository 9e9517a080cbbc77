import type { ReactNode, Ref, RefObject } from 'react';
import type { Row } from '../timeline/rows.ts';
import type { ListHandle, Place } from './list-place.ts';

/** The same for both lists, so that one can take the place of the other while somebody reads. */
export interface ListProps {
  readonly ref: Ref<ListHandle>;
  readonly label: string;
  readonly rows: readonly Row[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
  readonly isBusy: boolean;
  /** Kept up to date by the list; read when it is first shown. */
  readonly place: RefObject<Place>;
  readonly onNearStart: () => void;
  readonly onNearEnd: () => void;
  readonly onAtEnd: (isAtEnd: boolean) => void;
  readonly renderRow: (row: Row, at: number) => ReactNode;
  /** Above the first message of all. */
  readonly beginning: ReactNode;
}
