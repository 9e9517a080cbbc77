import { afterEach, describe, expect, it, vi } from 'vitest';
import { onInterruption } from './interruption.ts';

describe('onInterruption', () => {
  let release = () => {};
  afterEach(() => {
    release();
    vi.useRealTimers();
  });

  function listen() {
    vi.useFakeTimers({ toFake: ['performance'] });
    const first = vi.fn<() => void>();
    const again = vi.fn<() => void>();
    release = onInterruption(['SIGUSR2'], { first, again });
    const press = () => process.emit('SIGUSR2', 'SIGUSR2');
    return { first, again, press };
  }

  it('takes one Ctrl+C for one, though npm and the terminal both deliver it', () => {
    const { first, again, press } = listen();
    press();
    vi.advanceTimersByTime(100);
    press();
    expect(first).toHaveBeenCalledTimes(1);
    expect(again).not.toHaveBeenCalled();
  });

  it('hears somebody who asks again', () => {
    const { first, again, press } = listen();
    press();
    vi.advanceTimersByTime(1_500);
    press();
    expect(first).toHaveBeenCalledTimes(1);
    expect(again).toHaveBeenCalledTimes(1);
  });
});
