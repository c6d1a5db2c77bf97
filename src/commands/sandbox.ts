import { ConfigError } from '../errors.ts';
import type { SandboxOptions } from '../sandbox/options.ts';
import { startSandbox } from '../sandbox/server.ts';
import type { CommandContext } from './command.ts';

export type SandboxCommand = SandboxOptions & { host: string; port: number };

/** `sandbox`: a simulated vendor API, until it is told to stop. */
export async function sandboxCommand(
  { console, signal }: Pick<CommandContext, 'console' | 'signal'>,
  command: SandboxCommand,
): Promise<number> {
  const sandbox = await startSandbox(command).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
    throw new ConfigError([
      `--port ${command.port}: the port cannot be used (${code}); choose another, or 0 for any`,
    ]);
  });
  const key = command.apiKey ?? 'sandbox-key';
  console.result(
    { url: sandbox.url, voxBaseUrl: sandbox.voxBaseUrl, apiKey: key },
    [
      `simulated vox.ai at ${sandbox.voxBaseUrl}; in another terminal:`,
      '',
      `  export VOX_API_KEY=${key} VOX_BASE_URL=${sandbox.voxBaseUrl}`,
      '  npx callhouse sync',
      '',
      `its own truth: ${sandbox.url}/sandbox/truth · requests: ${sandbox.url}/sandbox/requests · Ctrl-C stops it`,
    ].join('\n'),
  );
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await sandbox.close();
  return 0;
}
