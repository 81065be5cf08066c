// An MCP client by another author: node client.mjs SERVERS WW…
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [dir, command, ...args] = process.argv.slice(2);
const require = createRequire(join(dir, "package.json"));
const load = async (name) => import(pathToFileURL(require.resolve(name)));
const { Client } = await load("@modelcontextprotocol/sdk/client/index.js");
const { StdioClientTransport } = await load("@modelcontextprotocol/sdk/client/stdio.js");

const client = new Client({ name: "tester", version: "1" });
await client.connect(new StdioClientTransport({ command, args, env: process.env }));
const { tools } = await client.listTools();
console.log(tools.map((t) => t.name).sort().join(" "));
const call = async (name, inputs) => {
  const r = await client.callTool({ name, arguments: inputs });
  console.log(r.isError ? "failed:" : "answer:", r.content[0].text);
};
await call("you", { text: "note buy milk" });
await call("notes__all", {});
await call("notes__add", { text: "" });
await call("helper", { text: "what did I note?" });
await call("you", {});
await client.close();
