import { useEffect } from 'react';
import { useMe } from '../app/me.ts';
import { reportTimings } from './timings.ts';

/** As long as the feature is on for this person. */
export function Timings() {
  const { performance_monitoring: isOn } = useMe().flags;
  useEffect(() => (isOn ? reportTimings() : undefined), [isOn]);
  return null;
}
