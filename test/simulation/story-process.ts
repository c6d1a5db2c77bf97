/** A process that plays the stories that it is sent, one after the other, and sends back what came of them. */
import { withDatabase } from './databases.ts';
import { playAndJudge } from './result.ts';
import type { Story } from './story.ts';

const [, , serverUrl = '', template = ''] = process.argv;

process.on('message', (story: Story) => {
  withDatabase(serverUrl, template, (server) => playAndJudge(story, server)).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exitCode = 1;
      process.disconnect();
    },
  );
});
// The terminal's Ctrl-C reaches every process of it: the parent ends this one.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
