import { say } from '../app/announcer.ts';
import { useChangeSettings, useMe } from '../app/me.ts';
import { tBatch2 } from '../texts/batch-2.ts';

/** For those whose tools read the list better that draws everything. */
export function PlainListChoice() {
  const { settings } = useMe();
  const changeSettings = useChangeSettings();
  const change = (plainList: boolean): void => {
    changeSettings({ plainList }).catch((error: unknown) =>
      say(error instanceof Error ? error.message : String(error)),
    );
  };
  return (
    <label className="check">
      <input
        type="checkbox"
        checked={settings.plainList === true}
        onChange={(event) => change(event.target.checked)}
      />
      <span>
        <b>{tBatch2.plainList.title}</b> {tBatch2.plainList.text}
      </span>
    </label>
  );
}
