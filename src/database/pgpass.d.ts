declare module 'pgpass' {
  /** Looks into `~/.pgpass`, or the file that PGPASSFILE names. */
  export default function pgpass(
    connection: { host: string; port: number; user: string; database: string },
    found: (password: string | undefined) => void,
  ): void;
}
