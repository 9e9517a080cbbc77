import { Clock } from './clock.ts';
import { ClientLog } from './client-log.ts';
import { readCredentials } from './credentials.ts';
import { Crowd } from './crowd.ts';
import { ExpectedMessages } from './expected-messages.ts';
import { FeatureUse } from './feature-use.ts';
import type { Options } from './options.ts';
import { Person } from './person.ts';
import { Progress } from './progress.ts';
import { Random } from './random.ts';
import { Route } from './route.ts';
import { RunRecord } from './run-record.ts';
import { ServerPair } from './server-pair.ts';
import { catchEverybodyUp, verifyAcknowledged } from './verify.ts';
import type { World } from './world.ts';

/**
 * The whole life of the crowd: comes in, lives until `stop`, answers what is still due, verifies, writes the summary.
 * @throws when it could not do its work; what it found wrong with Parley is in the log, not thrown.
 */
export async function run(options: Options, stop: AbortSignal): Promise<void> {
  const clock = new Clock();
  const startedMs = clock.nowMs();
  const random = new Random(options.seed);
  const credentials = await readCredentials(options.credentialsFile, options.people);
  const broken = Promise.withResolvers<never>();
  const log = await ClientLog.create(options.logFile, broken.reject);
  const record = new RunRecord(log, clock);
  const progress = new Progress(record, () => clock.nowMs());
  const world: World = {
    random: random.fork(),
    expected: new ExpectedMessages(),
    features: new FeatureUse(),
    report: (violations) => record.report(violations),
    acknowledged: (write, message) => record.acknowledged(write, message),
    uncertain: (...change) => record.uncertain(...change),
  };
  const servers = new ServerPair(options.urls);
  const people = credentials.map((each, index) => new Person(each, new Route(index, options.urls.length)));
  const patienceMs = options.patienceSeconds * 1000;
  const crowd = new Crowd({ people, servers, world, record, clock, patienceMs, onFatal: broken.reject });

  const live = async (): Promise<void> => {
    progress.enter('logging-in');
    await crowd.comeIn(
      (count) => {
        progress.people = count;
      },
      () => {
        const startedAtMs = clock.toServerMs(startedMs);
        const { seed, ratePerSecond: rate, urls } = options;
        log.write({ kind: 'header', version: 1, startedAtMs, seed, rate, people: people.length, urls });
      },
    );
    progress.ready();
    progress.enter('running');
    const enough = options.seconds === undefined ? [] : [AbortSignal.timeout(options.seconds * 1000)];
    await crowd.liveUntil(
      AbortSignal.any([stop, ...enough]),
      random,
      options.ratePerSecond,
      options.warmupSeconds,
    );
    progress.enter('verifying');
    await crowd.drain();
    const ask = crowd.ask.bind(crowd);
    await catchEverybodyUp(world, people, ask);
    const verified = await verifyAcknowledged(world, people, ask);
    const at = clock.toServerMs(clock.nowMs());
    log.write({ kind: 'features', at, ...world.features.summary() });
    log.write({ kind: 'verified', at, ...verified, ...Object.fromEntries(record.violations) });
    log.write({ kind: 'end' });
  };
  try {
    await Promise.race([live(), broken.promise]);
  } finally {
    crowd.leave();
    progress.stop();
    await Promise.race([log.close(), broken.promise]);
    await servers.close();
  }
  await progress.finish();
}
