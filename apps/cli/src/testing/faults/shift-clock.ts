/** Preloaded into a process (`--import`): shifts what it takes for the time of day by CROSSFADE_CLOCK_SHIFT_MS. */
const shiftMs = Number(process.env['CROSSFADE_CLOCK_SHIFT_MS']);
if (!Number.isFinite(shiftMs) || shiftMs === 0)
  throw new Error(
    `CROSSFADE_CLOCK_SHIFT_MS is ${process.env['CROSSFADE_CLOCK_SHIFT_MS']}: expected ms, not 0`,
  );

const TrueDate = Date;
const now = (): number => TrueDate.now() + shiftMs;

globalThis.Date = new Proxy(TrueDate, {
  construct: (target, given, newTarget): object =>
    Reflect.construct(target, given.length === 0 ? [now()] : given, newTarget),
  apply: () => new TrueDate(now()).toString(),
  get: (target, name, receiver): unknown => (name === 'now' ? now : Reflect.get(target, name, receiver)),
});
