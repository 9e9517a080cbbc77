import { expect, it } from 'vitest';
import { createLoginThrottle } from './login-throttle.ts';

it('refuses after so many failures until the window ends, per email and address', () => {
  let nowMs = 0;
  const throttle = createLoginThrottle({ attempts: 2, windowMs: 60_000, now: () => nowMs });
  expect(throttle.begin('ana@parley.example', '10.0.0.1')).toBeUndefined();
  nowMs = 20_000;
  expect(throttle.begin('Ana@parley.example', '10.0.0.1')).toBeUndefined();
  expect(throttle.begin('ana@parley.example', '10.0.0.1')).toBe(40);
  expect(throttle.begin('ana@parley.example', '10.0.0.2')).toBeUndefined();
  expect(throttle.begin('bo@parley.example', '10.0.0.1')).toBeUndefined();
  nowMs = 60_000;
  expect(throttle.begin('ana@parley.example', '10.0.0.1')).toBeUndefined();
});

it('says how long to wait without counting that as an attempt', () => {
  let nowMs = 0;
  const throttle = createLoginThrottle({ attempts: 1, windowMs: 60_000, now: () => nowMs });
  const ask = (): number | undefined => throttle.secondsToWait('Ana@parley.example', '10.0.0.1');
  expect([ask(), ask()]).toEqual([undefined, undefined]);
  expect(throttle.begin('ana@parley.example', '10.0.0.1')).toBeUndefined();
  nowMs = 20_000;
  expect([ask(), ask()]).toEqual([40, 40]);
  nowMs = 60_000;
  expect(ask()).toBeUndefined();
});

it('forgets failures after a success', () => {
  const throttle = createLoginThrottle({ attempts: 1 });
  throttle.begin('ana@parley.example', '10.0.0.1');
  throttle.succeeded('ANA@parley.example', '10.0.0.1');
  expect(throttle.begin('ana@parley.example', '10.0.0.1')).toBeUndefined();
});
