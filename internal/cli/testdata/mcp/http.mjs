// MCP clients by another author over HTTP: node http.mjs SERVERS WW… Two of them share the server, and one has a user.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

const [dir, command, ...args] = process.argv.slice(2);
const require = createRequire(join(dir, "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
const { StreamableHTTPClientTransport } = await load("@modelcontextprotocol/sdk/client/streamableHttp.js");
const { ElicitRequestSchema } = await load("@modelcontextprotocol/sdk/types.js");

const server = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
const first = (stream) => new Promise((found) => createInterface({ input: stream }).once("line", found));
const [address, note] = await Promise.all([first(server.stdout), first(server.stderr)]);
const token = readFileSync(/token in (\S+),/.exec(note)[1], "utf8").trim();

for (const headers of [{}, { authorization: "Bearer wrong" }, { authorization: `Bearer ${token}`, origin: "http://evil.example", "sec-fetch-site": "cross-site" }]) {
  const r = await fetch(address, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: "{}" });
  console.log("refused:", r.status);
}
const connect = async (capabilities) => {
  const client = new Client({ name: "tester", version: "1" }, { capabilities });
  if (capabilities.elicitation) {
    client.setRequestHandler(ElicitRequestSchema, async ({ params }) => {
      console.log("asked:", params.message);
      return { action: "accept", content: { answer: "the blue one" } };
    });
  }
  await client.connect(new StreamableHTTPClientTransport(new URL(address), { requestInit: { headers: { authorization: `Bearer ${token}` } } }));
  return client;
};
const call = async (client, text) => {
  const r = await client.callTool({ name: "you", arguments: { text } });
  console.log(r.isError ? "failed:" : "answer:", r.content[0].text);
};
const asked = await connect({ elicitation: {} });
const silent = await connect({});
await call(asked, 'call ask_user {"question": "which one?"}');
await call(silent, 'call ask_user {"question": "which one?"}');
await call(silent, "call notes.all {}");
await asked.close();
await silent.close();
server.kill("SIGINT");
await new Promise((gone) => server.once("exit", (status) => gone(console.log("ended:", status))));
