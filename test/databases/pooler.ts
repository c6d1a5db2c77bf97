import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/**
 * A stand-in for a pooler that pools transactions, as hard on its clients as the old ones are: it refuses at the start of a
 * session what it does not know, and lends another of its few sessions for every transaction, with all that the last
 * client left there. Real ones are tried by `npm run test:databases`.
 */
export interface Pooler {
  port: number;
  /** How often a session was lent to another client than before. */
  lendings(): number;
  close(): Promise<void>;
}

/** What old poolers know at the start of a session. */
const KNOWN = ['user', 'database', 'application_name', 'client_encoding', 'datestyle', 'timezone'];
const TLS_ASKED_FOR = 80_877_103;
const SESSIONS = 2;

export async function startPooler(serverPort: number, database: string, user: string): Promise<Pooler> {
  const free = await Promise.all(
    Array.from({ length: SESSIONS }, () => openSession(serverPort, database, user)),
  );
  const sessions = [...free];
  const waiting: ((session: Session) => void)[] = [];
  const clients = new Set<Socket>();
  let lendings = 0;
  const give = (session: Session) => {
    session.client = null;
    const next = waiting.shift();
    if (next) next(session);
    else free.push(session);
  };
  const take = async (client: Socket): Promise<Session> => {
    const session = free.shift() ?? (await new Promise<Session>((resolve) => waiting.push(resolve)));
    if (session.last !== client) lendings += 1;
    session.last = client;
    return session;
  };
  const server = createServer({ noDelay: true }, (client) => {
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.on('error', () => client.destroy());
    serve(client, take, give);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    lendings: () => lendings,
    async close() {
      for (const socket of clients) socket.destroy();
      for (const { socket } of sessions) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A session of the server, and who has it. */
interface Session {
  socket: Socket;
  client: Socket | null;
  last: Socket | null;
  /** Answers that are still to come: each Query and each Sync has one. */
  awaited: number;
  onIdle: () => void;
}

async function openSession(port: number, database: string, user: string): Promise<Session> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  const session: Session = { socket, client: null, last: null, awaited: 1, onIdle: () => undefined };
  const ready = new Promise<void>((resolve) => {
    session.onIdle = resolve;
  });
  socket.write(startup({ user, database }));
  socket.on('error', () => socket.destroy());
  onMessages(socket, (type, message) => {
    session.client?.write(message);
    if (type !== 'Z') return;
    session.awaited -= 1;
    // Between two transactions, and with nothing more to answer, it can be lent to somebody else.
    if (message[5] === 'I'.charCodeAt(0) && session.awaited === 0) session.onIdle();
  });
  await ready;
  return session;
}

function serve(
  client: Socket,
  take: (client: Socket) => Promise<Session>,
  give: (session: Session) => void,
): void {
  let session: Session | null = null;
  let turn = Promise.resolve();
  const forward = async (type: string, message: Buffer) => {
    if (type === 'X') return void client.end();
    if (session === null) {
      session = await take(client);
      session.client = client;
      session.onIdle = () => {
        const done = session;
        session = null;
        if (done) give(done);
      };
    }
    if (type === 'Q' || type === 'S') session.awaited += 1;
    session.socket.write(message);
  };
  const takeNext = (type: string, message: Buffer) => {
    turn = turn.then(() => forward(type, message));
  };
  onMessages(client, takeNext, (first) => {
    if (first.readInt32BE(4) === TLS_ASKED_FOR) client.write('N');
    else welcome(client, first);
  });
}

function welcome(client: Socket, message: Buffer): void {
  const words = message.subarray(8).toString().split('\0');
  const names = words.filter((name, index) => index % 2 === 0 && name !== '');
  const unknown = names.find((name) => !KNOWN.includes(name.toLowerCase()));
  if (unknown !== undefined) {
    const said = `SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: ${unknown}\0\0`;
    client.end(packet('E', Buffer.from(said)));
    return;
  }
  // A key of its own making: a number of no server process, and a secret.
  const key = Buffer.alloc(8, 0x7e);
  const idle = Buffer.from('I');
  client.write(Buffer.concat([packet('R', Buffer.alloc(4)), packet('K', key), packet('Z', idle)]));
}

/** Cuts a stream into messages. What comes before a session is started has no type: `untyped` takes it. */
function onMessages(
  socket: Socket,
  take: (type: string, message: Buffer) => void,
  untyped?: (message: Buffer) => void,
): void {
  let rest = Buffer.alloc(0);
  let isTyped = untyped === undefined;
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const header = isTyped ? 1 : 0;
      if (rest.length < header + 4) return;
      const length = header + rest.readInt32BE(header);
      if (rest.length < length) return;
      const message = rest.subarray(0, length);
      rest = rest.subarray(length);
      if (isTyped) take(String.fromCharCode(message[0] ?? 0), message);
      else {
        untyped?.(message);
        isTyped = message.readInt32BE(4) !== TLS_ASKED_FOR;
      }
    }
  });
}

function packet(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

function startup(parameters: Record<string, string>): Buffer {
  const body = Buffer.from(`${Object.entries(parameters).flat().join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(196_608, 4);
  return Buffer.concat([head, body]);
}
