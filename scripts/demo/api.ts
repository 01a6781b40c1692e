/**
 * A small HTTP API in the manner of OpenAI's that demands a key and is honest about what it received.
 *
 * @module
 */

/** A request as the API saw it. */
export interface Received {
  /** Method and path. */
  readonly line: string;
  /** The whole `Authorization` header, or null. */
  readonly authorization: string | null;
}

/** A running API. */
export interface DemoApi {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Every request so far. */
  readonly received: readonly Received[];
  /** Stops it. */
  readonly close: () => Promise<void>;
}

const WORDS = ["The ", "key ", "stayed ", "at ", "home."];

function unauthorized(): Response {
  return Response.json({ error: { message: "Incorrect API key provided", type: "invalid_request_error" } }, {
    status: 401,
  });
}

/** Server-sent events, one a tenth of a second, so that one sees whether they arrive while they are sent. */
function eventStream(): Response {
  const encoder = new TextEncoder();
  const events = WORDS.map((content, index) =>
    JSON.stringify({
      id: "chatcmpl-demo",
      object: "chat.completion.chunk",
      created: 0,
      model: "demo",
      choices: [{ index: 0, delta: { content }, finish_reason: index === WORDS.length - 1 ? "stop" : null }],
    })
  );
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const event = events.shift();
      if (event === undefined) {
        controller.enqueue(encoder.encode("data: [DONE]\n\n"));
        return controller.close();
      }
      controller.enqueue(encoder.encode(`data: ${event}\n\n`));
      await new Promise((resolve) => setTimeout(resolve, 100));
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function answer(request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === "/v1/models") {
    return Response.json({ object: "list", data: [{ id: "demo", object: "model" }] });
  }
  if (pathname !== "/v1/chat/completions" || request.method !== "POST") {
    return new Response("not found", { status: 404 });
  }
  const { stream } = await request.json() as { stream?: boolean };
  if (stream === true) return eventStream();
  const message = { role: "assistant", content: WORDS.join("") };
  return Response.json({
    id: "chatcmpl-demo",
    object: "chat.completion",
    created: 0,
    model: "demo",
    choices: [{ index: 0, message, finish_reason: "stop" }],
    usage: { prompt_tokens: 5, completion_tokens: WORDS.length, total_tokens: 5 + WORDS.length },
  });
}

/** Starts the API on a free port; without `Bearer <key>` it answers 401. */
export function startApi(key: string): DemoApi {
  const received: Received[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const authorization = request.headers.get("authorization");
    received.push({ line: `${request.method} ${new URL(request.url).pathname}`, authorization });
    if (authorization !== `Bearer ${key}`) {
      await request.body?.cancel();
      return unauthorized();
    }
    return answer(request);
  });
  return { host: `127.0.0.1:${server.addr.port}`, received, close: () => server.shutdown() };
}
