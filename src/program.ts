import { setMaxListeners } from 'node:events';
import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { backfillCommand } from './commands/backfill.ts';
import { check } from './commands/check.ts';
import type { CommandContext } from './commands/command.ts';
import { createConsole } from './commands/console.ts';
import { demo } from './commands/demo.ts';
import { migrateCommand } from './commands/migrate.ts';
import { place } from './commands/place.ts';
import { plan } from './commands/plan.ts';
import { replayCommand } from './commands/replay.ts';
import { resync } from './commands/resync.ts';
import { run } from './commands/run.ts';
import { sandboxCommand } from './commands/sandbox.ts';
import { status } from './commands/status.ts';
import { sync } from './commands/sync.ts';
import { verifyCommand } from './commands/verify.ts';
import { why } from './commands/why.ts';
import { DURATION_HELP, parseDuration } from './config/duration.ts';
import { readSettings } from './config/settings.ts';
import { parseInstant } from './config/since.ts';
import type { DatabaseAddress } from './database/address.ts';
import { explainFailure } from './explain-failure.ts';
import { createLogger } from './log.ts';

/** The only file that reads the environment, listens to signals and ends the process. */

const STOP_WITHIN_MS = 8_000;
const stopping = new AbortController();
// Each request in flight listens, and a key may send many at once: that is no leak.
setMaxListeners(0, stopping.signal);
let signals = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    signals += 1;
    if (signals > 1) process.exit(1);
    stopping.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
    // A database that hangs must not hold us: what is open there is rolled back, and the lease expires.
    setTimeout(() => {
      process.stderr.write('something did not stop in time; ending all the same\n');
      process.exit(1);
    }, STOP_WITHIN_MS).unref();
  });
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const program = new Command('callhouse')
  .description('Keeps a PostgreSQL warehouse of AI voice-agent calls equal to the vendor’s API.')
  .version(version)
  .showHelpAfterError('(callhouse --help tells all commands)')
  .exitOverride();

verb('run', 'the long-lived worker: poll, settle, fill history, until SIGTERM', (context) => run(context));

verb('sync', 'one full pass over all sources', (context, options) =>
  sync(context, { untilSettled: options.untilSettled === true, timeoutMs: Number(options.timeout) }),
)
  .option('--until-settled', 'repeat until nothing is open or due')
  .addOption(
    new Option('--timeout <duration>', 'give up --until-settled after')
      .default(600_000, '10m')
      .argParser(duration),
  );

verb('backfill', 'read history, newest first; interrupted, it goes on where it was', (context, options) =>
  backfillCommand(context, {
    from: (options.from as number | undefined) ?? null,
    to: (options.to as number | undefined) ?? null,
    source: (options.source as string | undefined) ?? null,
  }),
)
  .option('--from <instant>', 'start of what is read', instant)
  .option('--to <instant>', 'end of what is read', instant)
  .option('--source <name>', 'only this source');

verb(
  'verify',
  'compare the warehouse with the vendor, and mend what differs with --repair',
  (context, options) =>
    verifyCommand(context, {
      from: (options.from as number | undefined) ?? null,
      to: (options.to as number | undefined) ?? null,
      ids: options.ids === true,
      repair: options.repair === true,
    }),
)
  .option('--from <instant>', 'start of what is compared', instant)
  .option('--to <instant>', 'end of what is compared', instant)
  .option('--ids', 'compare every call by its id, where counts would cost less')
  .option('--repair', 'read again what differs');

verb('replay', 'derive every table again from the stored payloads, no request', (context, options) =>
  replayCommand(context, {
    since: (options.since as number | undefined) ?? null,
    deadLetters: options.deadLetters === true,
  }),
)
  .option('--since <instant>', 'only payloads fetched since then', instant)
  .option('--dead-letters', 'only records that were set aside');

verb('plan', 'requests, time and disk a backfill will cost, before it starts', (context, options) =>
  plan(context, {
    from: (options.from as number | undefined) ?? null,
    to: (options.to as number | undefined) ?? null,
    source: (options.source as string | undefined) ?? null,
  }),
)
  .option('--from <instant>', 'start of what would be read', instant)
  .option('--to <instant>', 'end of what would be read', instant)
  .option('--source <name>', 'only this source');

verb('resync', 'read calls again now, whatever the schedule says', (context, options, callIds) =>
  resync(context, {
    callIds,
    from: (options.from as number | undefined) ?? null,
    to: (options.to as number | undefined) ?? null,
    source: (options.source as string | undefined) ?? null,
  }),
)
  .argument('[call_id...]', 'calls to read; or a range by --from and --to')
  .option('--from <instant>', 'start of what is read', instant)
  .option('--to <instant>', 'end of what is read', instant)
  .option('--source <name>', 'only this source');

verb('place', 'place one real call, which costs money, and store it', (context, options) =>
  place(context, {
    from: (options.from as string | undefined) ?? null,
    to: (options.to as string | undefined) ?? null,
    agentId: (options.agent as string | undefined) ?? null,
    presentation: (options.presentation as string | undefined) ?? null,
    variables: options.var as string[],
    metadata: options.meta as string[],
    source: (options.source as string | undefined) ?? null,
    wait: options.wait === true,
    timeoutMs: Number(options.timeout),
  }),
)
  .option('--from <number>', 'number that calls')
  .option('--to <number>', 'number that is called')
  .option('--agent <id>', 'agent that speaks (default: the one that the number has at the vendor)')
  .option('--var <name=value>', 'variable of the agent’s prompt; may be repeated', collect, [])
  .option('--meta <name=value>', 'metadata that is kept with the call; may be repeated', collect, [])
  .option('--presentation <number>', 'number that is shown')
  .option('--wait', 'follow the call until nothing of it is expected to change')
  .addOption(
    new Option('--timeout <duration>', 'give up --wait after').default(1_800_000, '30m').argParser(duration),
  )
  .option('--source <name>', 'account that places it');

verb('why', 'what a call is, why, and what brought it: stored facts, no request', (context, options, args) =>
  why(context, { callId: args[0] ?? '', source: (options.source as string | undefined) ?? null }),
)
  .argument('<call_id>', 'the vendor’s id of the call')
  .option('--source <name>', 'only this source');

verb('status', 'freshness, open calls, gaps, budget and last error of each source', status);
verb('check', 'try configuration, database, rights, clocks, keys and endpoints', check);
verb('migrate', 'bring the database to this version’s schema', migrateCommand);

verb('sandbox', 'simulated vendor APIs for trying and testing', (context, options) =>
  sandboxCommand(context, {
    host: String(options.host),
    port: Number(options.port),
    seed: Number(options.seed),
    pastCalls: Number(options.calls),
    historyDays: Number(options.days),
    liveCallsPerSecond: Number(options.live),
    liveForMs: (options.liveFor as number | undefined) ?? null,
    apiKey: String(options.key),
    ...(options.requestsPerSecond === undefined
      ? {}
      : { requestsPerSecond: Number(options.requestsPerSecond) }),
    ...(options.requestsPerMinute === undefined
      ? {}
      : { requestsPerMinute: Number(options.requestsPerMinute) }),
    timings: lifeSpeed(Number(options.speed)),
  }),
)
  .option('--port <number>', 'where to listen, 0 for any', wholeNumber, 8_090)
  .option('--host <address>', 'address to listen on', '127.0.0.1')
  .option('--seed <number>', 'world to simulate: equal seeds, equal worlds', wholeNumber, 1)
  .option('--calls <number>', 'calls in the past', wholeNumber, 2_000)
  .option('--days <number>', 'days that they are spread over', wholeNumber, 30)
  .option('--live <number>', 'new calls per second', decimal, 0)
  .option('--live-for <duration>', 'how long new calls come (default: for ever)', duration)
  .option('--speed <number>', 'how much faster than life calls go by', decimal, 1)
  .option('--key <text>', 'API key that is accepted', 'sandbox-key')
  .option(
    '--requests-per-second <number>',
    'rate limit of each vendor, 0 for none (default: its own)',
    wholeNumber,
  )
  .option('--requests-per-minute <number>', 'the same per minute', wholeNumber);

verb('demo', 'embedded PostgreSQL, sandbox and a full sync: no key, no Docker', (context, options) =>
  demo(context, { calls: Number(options.calls), stay: options.stay === true }),
)
  .option('--calls <number>', 'calls of the simulated vendor', wholeNumber, 1_000)
  .option('--stay', 'leave the database running until Ctrl-C');

// Who reads our output may have read enough, as `head` has: that is no fault.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

/** The database of the command that runs, so that a failure of it can be told by the user's own names. */
let address: DatabaseAddress | null = null;
process.exitCode = await main();

/** Adds a command: reads settings, runs it, and turns what is thrown into an exit code and a sentence. */
function verb(
  name: string,
  description: string,
  execute: (context: CommandContext, options: Record<string, unknown>, args: string[]) => Promise<number>,
): Command {
  return program
    .command(name)
    .description(description)
    .option('--json', 'print the result as JSON')
    .action(async (...given: unknown[]) => {
      // Arguments come first, one by one; the command itself comes last and knows them all.
      const command = given.at(-1) as Command;
      const options = command.opts();
      const { stdout, stderr } = process;
      const console = createConsole({ json: options.json === true, stdout, stderr, now: Date.now });
      const settings = readSettings(process.env);
      address = settings.database;
      const log = createLogger(name === 'run' ? settings.logLevel : quieter(settings.logLevel));
      process.exitCode = await execute(
        { settings, console, log, signal: stopping.signal },
        options,
        command.args,
      );
    });
}

async function main(): Promise<number> {
  try {
    await program.parseAsync();
    return Number(process.exitCode ?? 0);
  } catch (error) {
    const { message, exitCode } = explainFailure(error, stopping.signal, address);
    if (message !== '') process.stderr.write(`${message}\n`);
    return exitCode;
  }
}

/** A command that ends prints its result; its log is for what went wrong. */
function quieter(level: string): string {
  return level === 'info' ? 'warn' : level;
}

/** Scales every delay in a simulated call's life. */
function lifeSpeed(speed: number) {
  const scale = 1 / speed;
  return {
    queueScale: scale,
    ringScale: scale,
    talkScale: scale,
    tailScale: scale,
    recordingScale: scale,
    costScale: scale,
    analysisScale: scale,
  };
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null || ms === 0) throw new InvalidArgumentError(`It wants ${DURATION_HELP}.`);
  return ms;
}

function instant(text: string): number {
  const at = parseInstant(text);
  if (at === null)
    throw new InvalidArgumentError('It wants an instant such as 2026-01-31 or 2026-01-31T09:00:00+09:00.');
  return at;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It wants a whole number.');
  return Number(text);
}

function decimal(text: string): number {
  if (!/^\d{1,6}(\.\d{1,6})?$/.test(text))
    throw new InvalidArgumentError('It wants a number such as 2 or 0.5.');
  return Number(text);
}
