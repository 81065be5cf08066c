// Components for ww in Node: one file, nothing to install. Copy it beside your component.
//
//     import { Component } from "./ww-component.mjs";
//
//     const app = new Component("weather", { version: "1.0" });
//
//     app.tool("forecast", "What the weather will be.", { city: "string", days: { type: "integer", default: 1 } },
//       async ({ city, days = 1 }) => `${city}: sun for ${days} days`);
//
//     app.process(async (turn) => turn.call("llm", "Say it friendly: " + turn.data));
//
//     app.run();
//
// In main.ww:  weather = custom process { command: ["node", "weather.mjs"] }
//
// What you print goes to the log. `ww component test -- node weather.mjs` says whether everything is as it should be.

import { writeSync } from "node:fs";
import { createInterface } from "node:readline";

const MOST = 1 << 20; // bytes of a message

/** Nobody waits for this request any more. */
export class Canceled extends Error {}
/** Another component could not answer a call. */
export class CallError extends Error {}
/** Throw it in start to refuse the start; its text is shown. */
export class Refused extends Error {}

/** One request: a part of a turn (role "hop"), or a call of another component (role "call"). */
export class Turn {
  #app; #id; #abort = new AbortController();
  constructor(app, id, params) {
    this.#app = app; this.#id = id;
    this.params = params;
    this.role = params.role ?? "hop";
    this.session = params.session ?? "";
    this.turn = params.turn ?? "";
    this.attempt = params.attempt ?? 1;
    this.sender = params.from ?? ""; // who asks, of a call
    this.key = params.key ?? ""; // of a call: the same one when it is asked again
    this.contentType = params.content_type ?? "text/plain";
    this.tool = params.tool ?? "";
    this.inputs = params.inputs ?? {};
    this.data = params.encoding === "base64" ? Buffer.from(params.data, "base64") : params.data;
  }
  /** Aborted when nobody waits any more: hand it to fetch and friends. */
  get signal() { return this.#abort.signal; }
  get canceled() { return this.#abort.signal.aborted; }
  abort(reason) { this.#abort.abort(new Canceled(reason || "canceled")); }
  /** Shows a piece of the answer to whoever watches. The answer itself must hold the whole text again. */
  chunk(text) { this.#app.send({ method: "chunk", params: { id: this.#id, text: String(text) } }); }
  /** Asks another component: a string, a Buffer, or what JSON holds. With { full: true } the whole result, which says in
   *  "fallback" whether somebody else answered. Throws CallError. */
  async call(component, data, { full = false } = {}) {
    const result = await this.#app.call({ id: this.#id, component, ...encode(data) }, this.signal);
    if (full) return result;
    return result.encoding === "base64" ? Buffer.from(result.data, "base64") : result.data;
  }
  /** Tells an event to the hooks of the app. */
  emit(event, data = null) { this.#app.send({ method: "emit", params: { event, session: this.session, data } }); }
}

export class Component {
  #ready; #tools = new Map(); #process; #start; #stop; #lifecycle; #turns = new Map(); #calls = new Map(); #next = 0;
  #queue = []; #working = 0; #ending = false;
  config = {}; // what main.ww says in config, once it has started
  dir = process.cwd(); // of main.ww

  constructor(name, { version = "", description, maxConcurrent = 1, sideEffects = false, capabilities = [], inputEvents, outputEvents } = {}) {
    this.#ready = {
      name, version, description, max_concurrent: maxConcurrent, side_effects: sideEffects, capabilities: [...capabilities, "ping"],
      input_events: inputEvents, output_events: outputEvents,
    };
    process.stdout.write = (chunk, encoding, done) => process.stderr.write(chunk, encoding, done); // what prints, prints into the log
  }
  /** Does the work of a turn, and of calls that are for no tool: f(turn) gives a string, a Buffer, null or what JSON holds. */
  process(f) { this.#process = f; return this; }
  /** A function that agents can call: f(inputs, turn). schema is a JSON Schema, or names with their types. */
  tool(name, description, schema, f) { this.#tools.set(name, { f, description, schema: schemaOf(schema) }); return this; }
  /** f(config) runs once, before the component is ready. */
  start(f) { this.#start = f; return this; }
  /** f() runs once, at the end. */
  stop(f) { this.#stop = f; return this; }
  /** f(old, new) hears of the states of the component. */
  lifecycle(f) { this.#lifecycle = f; return this; }
  log(message, level = "info", fields) { this.send({ method: "log", params: { level, message: String(message), fields } }); }
  /** Tells an event that belongs to no turn to the hooks of the app. */
  emit(event, data = null, session = "") { this.send({ method: "emit", params: { event, session, data } }); }

  /** Serves until ww says that it is enough. */
  run() {
    const lines = createInterface({ input: process.stdin, crlfDelay: Infinity });
    lines.on("line", (line) => this.#take(line));
    lines.on("close", () => this.#end());
    return this;
  }

  send(message) {
    let line = JSON.stringify({ jsonrpc: "2.0", ...message });
    const size = Buffer.byteLength(line);
    if (size > MOST && message.method === undefined) {
      line = JSON.stringify({ jsonrpc: "2.0", id: message.id, error: { code: 1, message: `the answer has ${size} bytes, a message has at most ${MOST}` } });
    }
    writeAll(Buffer.from(line + "\n"));
  }

  #take(line) {
    let m;
    try { m = JSON.parse(line); } catch { process.stderr.write("not a message: " + line.slice(0, 80) + "\n"); return; }
    const params = m.params ?? {};
    switch (m.method) {
      case undefined: this.#calls.get(m.id)?.(m); this.#calls.delete(m.id); break;
      case "initialize": this.#initialize(m.id, params); break;
      case "process": {
        const turn = new Turn(this, m.id, params);
        this.#turns.set(m.id, turn);
        this.#queue.push([m.id, turn]);
        this.#pump();
        break;
      }
      case "cancel": this.#turns.get(params.id)?.abort(params.reason); break;
      case "ping": this.send({ id: m.id, result: {} }); break;
      case "lifecycle": this.#guard(() => this.#lifecycle?.(params.old, params.new)); break;
      case "shutdown": this.#end(); break;
      default: if (m.id !== undefined) this.send({ id: m.id, error: { code: -32601, message: `no method is called ${JSON.stringify(m.method)}` } });
    }
  }

  async #guard(f) { try { await f(); } catch (e) { process.stderr.write(`${e?.stack ?? e}\n`); } }

  async #initialize(id, params) {
    this.config = params.config ?? {};
    this.dir = params.app?.dir || this.dir;
    try { await this.#start?.(this.config); } catch (e) {
      this.send({ id, error: { code: 1, message: String(e?.message ?? e) } });
      return;
    }
    this.send({ id, result: {} });
    const tools = [...this.#tools].map(([name, t]) => ({ name, description: t.description, inputSchema: t.schema }));
    this.send({ method: "ready", params: { ...this.#ready, ...(tools.length ? { tools } : {}) } });
  }

  #pump() {
    while (this.#working < Math.max(1, this.#ready.max_concurrent) && this.#queue.length) {
      this.#working++;
      const [id, turn] = this.#queue.shift();
      this.#work(id, turn).finally(() => { this.#working--; this.#pump(); });
    }
  }

  async #work(id, turn) {
    let answer;
    try { answer = { result: resultOf(await this.#do(turn)) }; } catch (e) {
      if (!(e instanceof Canceled || e instanceof CallError)) process.stderr.write(`${e?.stack ?? e}\n`);
      answer = { error: { code: 1, message: String(e?.message ?? e) } };
    }
    this.#turns.delete(id);
    this.send({ id, ...answer });
  }

  #do(turn) {
    if (turn.tool) {
      const tool = this.#tools.get(turn.tool);
      if (!tool) throw new Error(`there is no tool ${JSON.stringify(turn.tool)}`);
      return tool.f(turn.inputs, turn);
    }
    if (!this.#process) throw new Error("this component has tools only; it is no part of a chain");
    return this.#process(turn);
  }

  call(params, signal) {
    return new Promise((done, fail) => {
      const id = `c${++this.#next}`;
      const stop = () => { this.#calls.delete(id); fail(signal.reason); };
      if (signal.aborted) { stop(); return; }
      signal.addEventListener("abort", stop, { once: true });
      this.#calls.set(id, (m) => {
        signal.removeEventListener("abort", stop);
        if (m.error) fail(new CallError(m.error.message ?? String(m.error)));
        else done(m.result ?? {});
      });
      this.send({ id, method: "call", params });
    });
  }

  async #end() {
    if (this.#ending) return;
    this.#ending = true;
    await this.#guard(() => this.#stop?.());
    process.exit(0); // what still works does not hold it up
  }
}

/** stdout is a pipe that may be full: then wait, do not lose half a message. */
function writeAll(buffer) {
  for (let at = 0; at < buffer.length;) {
    try { at += writeSync(1, buffer, at); } catch (e) {
      if (e.code === "EAGAIN") { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); continue; }
      process.exit(1); // nobody listens
    }
  }
}

function encode(data) {
  if (Buffer.isBuffer(data) || data instanceof Uint8Array) {
    return { content_type: "application/octet-stream", encoding: "base64", data: Buffer.from(data).toString("base64") };
  }
  return { data: data ?? null };
}

function resultOf(data) {
  return data === undefined || data === null || typeof data === "string" ? data ?? null : encode(data);
}

/** { city: "string", days: { type: "integer", default: 1 } } as a JSON Schema: what has no default is required. */
function schemaOf(schema = {}) {
  if (schema.type === "object") return schema;
  const properties = {}, required = [];
  for (const [name, type] of Object.entries(schema)) {
    properties[name] = typeof type === "string" ? { type } : type;
    if (properties[name].default === undefined) required.push(name);
  }
  return { type: "object", properties, required };
}
