/** The values of a service in the text of a libpq service file (`pg_service.conf`). Null when it does not name it. */
export function readService(text: string, name: string): Map<string, string> | null {
  let values: Map<string, string> | null = null;
  for (const line of text.split(/\r?\n/).map((one) => one.trim())) {
    const section = /^\[(.*)\]$/.exec(line);
    // The first section of a name counts, as it does for libpq.
    if (section && values !== null) return values;
    if (section?.[1] === name) values = new Map();
    const entry = /^([^#=\s]+)\s*=\s*(.*)$/.exec(line);
    if (entry?.[1] !== undefined) values?.set(entry[1], entry[2] ?? '');
  }
  return values;
}
