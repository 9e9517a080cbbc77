import { PlainList } from '../conversation/plain-list.tsx';
import type { Release } from '../release.ts';

const Nothing = () => null;
const doNothing = () => undefined;

export const batch1: Release = {
  listFor: () => PlainList,
  News: Nothing,
  MoreAppearance: Nothing,
  startTiming: () => doNothing,
  Timings: Nothing,
};
